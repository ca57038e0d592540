package command

// everything asks for all there is about customers.
const everything = `
fragment Everything on Customer {
  id redirectedFrom name givenName familyName
  emails { address source } phones { number source }
  addresses { street city postcode region country source }
  birthDate birthDecade language company
  provenance { field source asOf rule rivals }
  deals(first: 100) { truncated pageInfo { hasNextPage } nodes { id source number title stage amount { amount currency } amountBand openedAt } }
  invoices(first: 100) { truncated nodes { id source number status issuedAt total { amount currency } amountDue { amount currency } amountBand } }
  payments(first: 100) { truncated nodes { id source paidAt amount { amount currency } amountBand method invoiceNumber } }
  orders(first: 100) { truncated nodes { id source number status placedAt total { amount currency } amountBand items { name sku quantity unitPrice { amount currency } } } }
  tickets(first: 100) { truncated nodes { id source number subject status priority openedAt updatedAt messages(first: 5) { author sentAt text } } }
  summary { lifetimeValue { amount currency } averageOrder { amount currency } balanceDue { amount currency } openTickets lastContactAt complete }
  consents { purpose given state since notice heldBy }
  identity { records { source id } links { from { source id } to { source id } rule ruleVersion since } knownSince }
  privacy { field outcome reason remedy }
  sources { source state code latencyMs calls saved }
}
`

// history asks for the timeline.
const history = `
fragment Timeline on Customer {
  timeline(first: 20) { truncated pageInfo { hasNextPage endCursor } edges { cursor node { __typename
    ... on Deal { dealTitle: title openedAt } ... on Invoice { number issuedAt } ... on Payment { paidAt method }
    ... on Order { orderNumber: number placedAt } ... on Ticket { subject ticketOpened: openedAt messages(first: 2) { author text } }
    ... on TimelineGap { source kind } } } }
}`

// everybody lists 50 customers with everything.
const everybody = `query { customers(first: 50) { nodes { ...Everything } } }` + everything
