// The two routers, each over one supergraph, each handing on who asks and why.
import { createServer } from 'node:http';
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';

const handedOn = ['authorization', 'x-purpose'];

async function apollo(supergraph) {
  const gateway = new ApolloGateway({
    supergraphSdl: supergraph,
    buildService: ({ name, url }) =>
      new RemoteGraphQLDataSource({
        url,
        willSendRequest({ request, context }) {
          if (name !== 'customer360') return;
          for (const header of handedOn) if (context[header]) request.http.headers.set(header, context[header]);
        },
      }),
  });
  const server = new ApolloServer({ gateway });
  const { url } = await startStandaloneServer(server, {
    listen: { host: '127.0.0.1', port: 0 },
    context: async ({ req }) => req.headers,
  });
  return { url, stop: () => server.stop() };
}

async function hive(supergraph) {
  const runtime = createGatewayRuntime({
    supergraph,
    logging: false,
    propagateHeaders: {
      fromClientToSubgraphs({ request, subgraphName }) {
        if (subgraphName !== 'customer360') return;
        return Object.fromEntries(handedOn.map((header) => [header, request.headers.get(header) ?? undefined]));
      },
    },
  });
  const server = createServer(runtime);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/graphql`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await runtime[Symbol.asyncDispose]?.();
    },
  };
}

export const routers = { 'Apollo Gateway': apollo, 'Hive Gateway': hive };
