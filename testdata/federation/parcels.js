// A neighbour in the supergraph. What it holds is handed in: parcels by the
// shop's record ids, notes by sealed customer ids.
import { readFileSync } from 'node:fs';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';

export const sdl = readFileSync(new URL('parcels.graphql', import.meta.url), 'utf8');

/** Serves on loopback until it is stopped. */
export async function serve({ parcels, notes }) {
  const resolvers = {
    Query: {
      parcels: (_, { ids }) => parcels.filter((p) => !ids || ids.includes(p.id)),
      notes: () => notes.map(({ id, text }) => ({ text, about: { __typename: 'Customer', id } })),
    },
    Customer: {
      __resolveReference: ({ id }) => ({ id, deliveryNote: notes.find((n) => n.id === id)?.text ?? null }),
    },
  };
  const server = new ApolloServer({ schema: buildSubgraphSchema({ typeDefs: parse(sdl), resolvers }) });
  const heard = new Set(); // the names of all headers that came in
  const { url } = await startStandaloneServer(server, {
    listen: { host: '127.0.0.1', port: 0 },
    context: async ({ req }) => Object.keys(req.headers).forEach((name) => heard.add(name)),
  });
  return { url, heard, stop: () => server.stop() };
}
