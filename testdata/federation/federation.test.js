// customer360 as a subgraph: composed with a neighbour, asked through two
// routers, and handed representations that name nobody.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { composeServices } from '@apollo/composition';
import { composeServices as composeWithHive } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { ask, start } from './gateway.js';
import * as neighbour from './parcels.js';
import { routers } from './routers.js';

const binary = process.env.C360_BINARY;
const lister = { role: 'privacy-officer', purpose: 'legal.request' };
const batch = 25;

let gateway, courier, people, services, forged, foreign;

before(async () => {
  assert.ok(binary, 'C360_BINARY names the customer360 to test; make test-federation sets it');
  gateway = await start(binary);
  const listed = await ask(gateway.url, '{ customers(first: 100) { nodes { id name orders(first: 1) { nodes { id } } identity { records { source id } } } } }', lister);
  people = listed.data.customers.nodes
    .map((c) => ({ ...c, shop: c.identity.records.find((r) => r.source.startsWith('shop')) }))
    .filter((c) => c.shop && c.name);
  assert.ok(people.length > batch, `${people.length} customers of the shop`);
  forged = people[0].id.slice(0, -4) + 'AAAA';
  foreign = people.find((c) => c.orders?.nodes.length).orders.nodes[0].id;
  const parcels = people.slice(0, batch).map((c, i) => ({ id: `p${i}`, recipient: { source: c.shop.source, id: c.shop.id } }));
  parcels.push({ id: 'nobody', recipient: { source: people[0].shop.source, id: 'no such record' } }, { id: 'empty', recipient: null });
  const notes = [...people.slice(0, 3).map((c, i) => ({ id: c.id, text: `ring ${i} times` })), { id: forged, text: 'forged' }, { id: foreign, text: 'an order' }];
  courier = await neighbour.serve({ parcels, notes });
  const sdl = (await ask(gateway.url, '{ _service { sdl } }')).data._service.sdl;
  services = [
    { name: 'customer360', url: gateway.url, typeDefs: parse(sdl) },
    { name: 'parcels', url: courier.url, typeDefs: parse(neighbour.sdl) },
  ];
});

after(async () => {
  await courier?.stop();
  await gateway?.stop();
});

describe('composition', () => {
  test('customer360 schema prints what _service publishes', async () => {
    const printed = execFileSync(binary, ['schema'], { encoding: 'utf8' });
    assert.equal((await ask(gateway.url, '{ _service { sdl } }')).data._service.sdl, printed);
  });
  test("Apollo's composes both subgraphs without errors", () => {
    const { errors, supergraphSdl, hints } = composeServices(services);
    assert.deepEqual(errors?.map((e) => e.message) ?? [], []);
    assert.ok(!/@personal|notPersonal|derivedFrom/.test(supergraphSdl), 'how fields are tagged stays inside');
    console.log(`Apollo's composition: ${supergraphSdl.length} bytes, 0 errors, hints: ${hints.map((h) => h.definition.code).join(', ') || 'none'}`);
  });
  test("so does Hive's", () => {
    const { errors, supergraphSdl } = composeWithHive(services);
    assert.deepEqual(errors?.map((e) => e.message) ?? [], []);
    console.log(`Hive's composition: ${supergraphSdl.length} bytes, 0 errors`);
  });
  test('the SDL and introspection take the scope schema:read', async () => {
    for (const query of ['{ _service { sdl } }', '{ __schema { types { name } } }']) {
      const refused = await ask(gateway.url, query, { role: 'service' });
      assert.equal(refused.data, null);
      assert.equal(refused.errors[0].extensions.code, 'FORBIDDEN');
    }
  });
});

for (const [name, open] of Object.entries(routers)) {
  describe(name, () => {
    let router;
    before(async () => (router = await open(composeServices(services).supergraphSdl)));
    after(() => router?.stop());

    test('a neighbour that holds record ids gets the right people, with one call a source', async () => {
      const { data, errors } = await ask(router.url, `{ parcels { id recipient { id customer { id name deliveryNote sources { source calls } } } } }`);
      assert.equal(errors, undefined, JSON.stringify(errors));
      assert.equal(data.parcels.length, batch + 2);
      people.slice(0, batch).forEach((c, i) => {
        const { recipient } = data.parcels[i];
        assert.deepEqual([recipient.id, recipient.customer.id, recipient.customer.name], [c.shop.id, c.id, c.name]);
        assert.equal(recipient.customer.deliveryNote, i < 3 ? `ring ${i} times` : null);
        assert.ok(recipient.customer.sources.some((s) => s.calls === 1), 'somebody was asked');
        for (const s of recipient.customer.sources) assert.ok(s.calls <= 1, `${s.source} was called ${s.calls} times for ${batch} customers`);
      });
      assert.deepEqual(data.parcels[batch].recipient, { id: 'no such record', customer: null });
      assert.equal(data.parcels[batch + 1].recipient, null);
    });

    test('a neighbour that holds sealed ids gets them in order, and nobody for a forged or foreign one', async () => {
      const { data } = await ask(router.url, '{ notes { text about { name } } }');
      assert.deepEqual(
        data.notes.map((n) => [n.text, n.about?.name ?? null]),
        [...people.slice(0, 3).map((c, i) => [`ring ${i} times`, c.name]), ['forged', null], ['an order', null]],
      );
    });

    test('a field of the neighbour stands on our customers', async () => {
      const { data, errors } = await ask(router.url, 'query ($id: ID!) { customer(id: $id) { name deliveryNote } }', { variables: { id: people[1].id } });
      assert.equal(errors, undefined, JSON.stringify(errors));
      assert.deepEqual(data.customer, { name: people[1].name, deliveryNote: 'ring 1 times' });
    });

    test('who asks and why is handed on, and Customer.privacy tells what is not shown', async () => {
      const marketing = { role: 'marketing', purpose: 'marketing.email', variables: { ids: people.slice(0, batch).map((c) => c.id) } };
      const { data, extensions } = await ask(router.url, `query ($ids: [ID!]!) {
        viewer { role purpose }
        customersById(ids: $ids) { name privacy { field outcome reason remedy } deliveryNote }
      }`, marketing);
      assert.deepEqual(data.viewer, { role: 'marketing', purpose: 'marketing.email' });
      assert.equal(extensions?.privacy, undefined, 'a router drops the extensions of subgraphs');
      const outcomes = data.customersById.map((c) => {
        const note = c.privacy.find((n) => n.field === 'Customer.name');
        assert.ok(note, 'nobody is shown in full to marketing');
        if (note.outcome === 'PARTIAL') assert.match(c.name, /^\S\.( \S\.)*$/u);
        else assert.equal(c.name, null);
        return note.outcome;
      });
      assert.deepEqual([...new Set(outcomes)].sort(), ['PARTIAL', 'WITHHELD']);
    });

    test('who may not look up is told of no record whether it exists', async () => {
      const { data } = await ask(router.url, '{ parcels { recipient { customer { id } } } }', { role: 'marketing', purpose: 'marketing.email' });
      assert.ok(data.parcels.every((p) => !p.recipient?.customer));
    });

    test('the token goes to nobody else', () => {
      assert.ok(courier.heard.has('content-type'));
      assert.ok(!courier.heard.has('authorization') && !courier.heard.has('x-purpose'));
    });

    test('without a purpose nothing personal is told, without a token nothing at all', async () => {
      const query = 'query ($id: ID!) { customer(id: $id) { id name } }';
      const variables = { id: people[0].id };
      const nameless = await ask(router.url, query, { purpose: null, variables });
      assert.deepEqual(nameless.data.customer, { id: people[0].id, name: null });
      const stranger = await ask(router.url, query, { role: null, variables });
      assert.equal(stranger.data?.customer ?? null, null);
      assert.ok(stranger.errors.length > 0);
    });
  });
}

test('a bad representation is null, and never another person', async (t) => {
  const [ada, bob] = people;
  const customer = (id) => ({ __typename: 'Customer', id });
  const record = (source, id) => ({ __typename: 'SourceRecord', source, id });
  const table = [
    ['a forged id', customer(forged)],
    ["one person's id under another's seal", customer(ada.id.slice(0, 12) + bob.id.slice(12))],
    ['the sealed id of an order', customer(foreign)],
    ["the record's own id", customer(ada.shop.id)],
    ['a number', customer(1)],
    ['null', customer(null)],
    ['no id', { __typename: 'Customer' }],
    ['a list of ids', customer([ada.id])],
    ['an object', customer({ id: ada.id })],
    ['an empty id', customer('')],
    ['5,000 characters', customer('x'.repeat(5000))],
    ['a record as a customer', { __typename: 'Customer', source: ada.shop.source, id: ada.shop.id }],
    ['a record without a source', { __typename: 'SourceRecord', id: ada.shop.id }],
    ['a record without an id', { __typename: 'SourceRecord', source: ada.shop.source }],
    ['a record of an unknown source', record('nowhere', ada.shop.id)],
    ['a record by a sealed id', record(ada.shop.source, ada.id)],
    ['an unknown record', record(ada.shop.source, 'no such record')],
    ['another type', { __typename: 'Order', id: foreign }],
    ['a type that is none', { __typename: 'Person', id: ada.id }],
    ['no type', { id: ada.id }],
    ['a text', ada.id],
  ];
  const query = `query ($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Customer { id name } ... on SourceRecord { customer { id name } } } }`;
  const lines = [];
  for (const [what, bad] of table) {
    // Between two good ones, that it must neither move nor spoil.
    const { data, errors } = await ask(gateway.url, query, { variables: { r: [customer(ada.id), bad, record(bob.shop.source, bob.shop.id)] } });
    const [first, answer, last] = data._entities;
    assert.deepEqual([first.id, first.name, last.customer.id], [ada.id, ada.name, bob.id], what);
    const told = answer?.__typename === 'SourceRecord' ? answer.customer : answer;
    assert.equal(told, null, `${what} answers ${JSON.stringify(answer)}`);
    lines.push([what, JSON.stringify(answer), errors?.map((e) => e.extensions.code).join(' ') ?? '-']);
  }
  for (const [what, list] of [['null in the list', [customer(ada.id), null]], ['101 representations', Array(101).fill(customer(ada.id))], ['1,000 representations', Array(1000).fill(record(ada.shop.source, ada.shop.id))]]) {
    const { data, errors } = await ask(gateway.url, query, { variables: { r: list } });
    assert.ok(!JSON.stringify(data).includes(ada.name), what);
    lines.push([what, data === null ? 'null' : `${data._entities.length} × null`, errors.map((e) => e.extensions.code).join(' ')]);
    assert.ok(data === null || data._entities.every((e) => e === null), what);
  }
  for (const [what, answer, code] of lines) t.diagnostic(`${what.padEnd(37)} ${answer.padEnd(52)} ${code}`);
});
