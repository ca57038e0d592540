// Apollo Client, urql and graphql-sse ask the real demo, whose shop takes 0.8 s
// and whose ERP is down, for a card with deferred panels.
//
//   C360_BINARY   the program, built
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { Defer20220824Handler } from '@apollo/client/incremental';
import { Client, fetchExchange } from '@urql/core';
import { createClient } from 'graphql-sse';

const SLOW = 800;
// Every object says its type, as Apollo Client asks anyway.
const query = `query Card($id: ID!) {
  customer(id: $id) {
    __typename
    id
    tickets(first: 2) { __typename nodes { __typename id subject } }
    ... @defer(label: "shop") { orders(first: 2) { __typename nodes { __typename id number items { __typename name } } } }
    ... @defer(label: "erp") { invoices(first: 2) { __typename nodes { __typename id amountBand } } }
  }
}`;
const headers = { Authorization: 'Bearer demo-support-lead', 'X-Purpose': 'support.case' };

const data = mkdtempSync(join(tmpdir(), 'c360defer.'));
let gateway, url, variables, whole;

const post = async (text, vars) => {
  const body = JSON.stringify({ query: text, variables: vars });
  const response = await fetch(url, { method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body });
  return response.json();
};

before(async () => {
  const ready = join(data, 'ready.json');
  const args = ['-listen', '127.0.0.1:0', '-data', join(data, 'store'), '-slow', `shop=${SLOW}ms`, '-down', 'erp', '-ready-file', ready];
  gateway = spawn(process.env.C360_BINARY, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  gateway.stderr.on('data', (chunk) => (said += chunk));
  for (const begun = Date.now(); !url; await sleep(100)) {
    try {
      url = JSON.parse(readFileSync(ready, 'utf8')).graphql;
    } catch {
      assert.equal(gateway.exitCode, null, `the demo ended: ${said}`);
      assert.ok(Date.now() - begun < 60_000, `the demo is not ready after a minute: ${said}`);
    }
  }
  const found = await post('{ lookup(by: { email: "kate.mueller@example.com" }) { id } }');
  variables = { id: found.data.lookup.id };
  whole = (await post(query, variables)).data.customer;
});

after(async () => {
  if (gateway.exitCode === null) {
    gateway.kill('SIGTERM');
    await new Promise((ended) => gateway.once('exit', ended));
  }
  rmSync(data, { recursive: true, force: true });
});

// Sightings are what a page would have shown, and when.
class Sightings {
  #begun = performance.now();
  #client;
  all = [];

  constructor(client) {
    this.#client = client;
  }

  see(customer, errors = []) {
    const at = performance.now() - this.#begun;
    const panel = (list) => (list === undefined ? 'waits' : list === null ? 'failed' : `${list.nodes.length} rows`);
    const seen = { at, tickets: panel(customer.tickets), orders: panel(customer.orders), invoices: panel(customer.invoices), errors: errors.length };
    console.log(
      `${this.#client.padEnd(26)} ${at.toFixed(0).padStart(5)} ms   tickets: ${seen.tickets}   orders: ${seen.orders.padEnd(6)}   invoices: ${seen.invoices.padEnd(6)}   errors: ${seen.errors}`,
    );
    this.all.push({ ...seen, customer: structuredClone(customer), told: errors });
  }

  // The tickets came well before the slow shop, its orders when it answered, and
  // in the end all is there that a plain POST answers.
  check() {
    const first = this.all[0];
    const last = this.all.at(-1);
    assert.deepEqual([first.tickets, first.orders], ['2 rows', 'waits']);
    assert.ok(first.at < SLOW * 0.75, `the first part came after ${first.at} ms`);
    const shop = this.all.find((sight) => sight.orders !== 'waits');
    assert.equal(shop.orders, '2 rows');
    assert.ok(shop.at >= SLOW - 20, `the shop's part came after ${shop.at} ms`);
    assert.deepEqual(JSON.parse(JSON.stringify(last.customer)), whole);
    assert.equal(last.invoices, 'failed');
    assert.equal(last.told.length, 1, JSON.stringify(last.told));
    const [{ extensions, path }] = last.told;
    assert.deepEqual([extensions.code, extensions.source, path], ['SOURCE_UNAVAILABLE', 'erp', ['customer']]);
  }
}

test('a plain POST answers whole', () => {
  assert.equal(whole.tickets.nodes.length, 2);
  assert.equal(whole.orders.nodes.length, 2);
  assert.equal(whole.invoices, null);
});

test('Apollo Client over multipart', async () => {
  let form;
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: new HttpLink({
      uri: () => url,
      headers,
      fetch: async (...args) => {
        const response = await fetch(...args);
        form = response.headers.get('content-type');
        return response;
      },
    }),
    incrementalHandler: new Defer20220824Handler(),
  });
  const sights = new Sightings('Apollo Client, multipart');
  const told = new Promise((end) => {
    client.watchQuery({ query: gql(query), variables, errorPolicy: 'all', returnPartialData: false }).subscribe((result) => {
      if (result.data?.customer) sights.see(result.data.customer, result.error?.errors);
      if (!result.loading && result.dataState === 'complete') end();
    });
  });
  await told;
  client.stop();
  assert.match(form, /^multipart\/mixed/);
  sights.check();
});

for (const [name, accept, want] of [
  ['urql as it comes, SSE', undefined, /^text\/event-stream/],
  ['urql, multipart', 'multipart/mixed', /^multipart\/mixed/],
  ['urql, SSE', 'text/event-stream', /^text\/event-stream/],
]) {
  test(name, async () => {
    let form;
    const client = new Client({
      url,
      exchanges: [fetchExchange],
      preferGetMethod: false,
      fetchOptions: { headers: accept ? { ...headers, accept } : headers },
      fetch: async (...args) => {
        const response = await fetch(...args);
        form = response.headers.get('content-type');
        return response;
      },
    });
    const sights = new Sightings(name);
    await new Promise((end) => {
      const { unsubscribe } = client.query(query, variables).subscribe((result) => {
        if (result.data?.customer) sights.see(result.data.customer, result.error?.graphQLErrors);
        if (!result.hasNext) end();
      });
      void unsubscribe;
    });
    assert.match(form, want);
    sights.check();
  });
}

test('graphql-sse in distinct connections mode', async () => {
  const client = createClient({ url, headers, retryAttempts: 0 });
  const sights = new Sightings('graphql-sse');
  let customer;
  const errors = [];
  const extensions = {};
  let ended = false;
  for await (const result of client.iterate({ query, variables })) {
    Object.assign(extensions, result.extensions);
    customer ??= result.data.customer;
    for (const item of result.incremental ?? []) {
      assert.deepEqual(item.path, ['customer']);
      Object.assign(customer, item.data);
      errors.push(...(item.errors ?? []));
    }
    if (result.data || result.incremental) sights.see(customer, errors);
    ended = result.hasNext === false;
  }
  assert.ok(ended, 'the last event says that nothing follows');
  assert.deepEqual(Object.keys(extensions), ['privacy', 'sources']);
  sights.check();
  client.dispose();
});

test('graphql-sse hears of a document that is wrong', async () => {
  const client = createClient({ url, headers, retryAttempts: 0 });
  const results = [];
  for await (const result of client.iterate({ query: '{ ... @defer { noSuchField } }' })) results.push(result);
  assert.deepEqual(results.map((result) => result.errors[0].extensions.code), ['GRAPHQL_VALIDATION_FAILED']);
  client.dispose();
});
