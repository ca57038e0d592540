// What the seeder leaves out: a second address with a second line and a province, orders on their
// way, delivered, cancelled and not paid yet, a draft of the staff's, and a customer who was deleted. Run once after seed.mjs; see tape_test.go.
//   STATE_DIR=… VENDURE_URL=… node additions.mjs path/to/client.mjs
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const { gql, useKey } = await import(resolve(process.argv[2]));
useKey(readFileSync(process.env.STATE_DIR + '/token', 'utf8').trim());
const seeded = readFileSync(process.env.STATE_DIR + '/seeded.jsonl', 'utf8').trim().split('\n').map(l => JSON.parse(l));
const [zoe, wei, , soren, gone] = seeded;
const problem = '...on ErrorResult{errorCode message}';

await gql('mutation($c:ID!,$i:CreateAddressInput!){createCustomerAddress(customerId:$c,input:$i){id}}', { c: zoe.id, i: {
  fullName: 'Umbra Optics', streetLine1: '7 Harbour Street', streetLine2: 'Floor 3', city: 'Boston', postalCode: '02110', province: 'Massachusetts', countryCode: 'US', phoneNumber: '+1 617 555 0199' } });

async function send(order, ...states) {
  const { order: { lines } } = await gql('query($o:ID!){order(id:$o){lines{id quantity}}}', { o: order });
  const { addFulfillmentToOrder: f } = await gql(`mutation($i:FulfillOrderInput!){addFulfillmentToOrder(input:$i){...on Fulfillment{id} ${problem}}}`, { i: {
    lines: lines.map(l => ({ orderLineId: l.id, quantity: l.quantity })), handler: { code: 'manual-fulfillment', arguments: [{ name: 'method', value: 'parcel' }] } } });
  for (const s of states)
    await gql(`mutation($i:ID!,$s:String!){transitionFulfillmentToState(id:$i,state:$s){...on Fulfillment{id} ${problem}}}`, { i: f.id, s });
}
const cancel = (id, lines) => gql(`mutation($i:CancelOrderInput!){cancelOrder(input:$i){...on Order{id} ${problem}}}`, { i: { orderId: id, reason: 'test', ...lines } });

await send(zoe.orders[0], 'Shipped', 'Delivered');
await send(zoe.orders[1], 'Shipped');
await cancel(soren.orders[0], {});
for (const s of [zoe, wei, soren]) // a draft that becomes an order which waits for its payment
  for (const id of s.drafts.slice(0, 1))
    await gql('mutation($i:ID!){transitionOrderToState(id:$i,state:"ArrangingPayment"){...on Order{id} ...on OrderStateTransitionError{errorCode message transitionError}}}', { i: id });
const { createDraftOrder: draft } = await gql('mutation{createDraftOrder{id}}');
await gql(`mutation($o:ID!,$c:ID!){setCustomerForDraftOrder(orderId:$o,customerId:$c){...on Order{id} ${problem}}}`, { o: draft.id, c: wei.id });
await gql('mutation($i:ID!){deleteCustomer(id:$i){result}}', { i: gone.id });
