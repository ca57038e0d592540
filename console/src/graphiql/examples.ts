/** A tab that is there when the page opens: a query, and who asks it. GraphiQL names the tab after the operation. */
export interface Example {
  operation: string;
  role: string;
  purpose: string;
  query: string;
}

// One of the demo's made-up people, with records in all four systems.
const email = 'kate.mueller@example.com';

// What the first two tabs ask for, word for word the same.
const card = `fragment Card on Customer {
  name
  emails { address source }
  phones { number source }
  birthDate
  birthDecade
  orders(first: 2) {
    nodes { number status total { amount currency } }
  }
  tickets(first: 2) {
    nodes { number subject status }
  }
  invoices(first: 2) {
    nodes { number amountDue { amount currency } }
  }
  summary {
    lifetimeValue { amount currency }
    balanceDue { amount currency }
    openTickets
    complete
  }
  consents { purpose given }
  identity { records { source id } links { rule } }
}
`;

const examples: Example[] = [
  {
    operation: 'AgentsView',
    role: 'support-agent',
    purpose: 'support.case',
    query: `# Agent's view: one person out of four systems,
# asked live. Run it with Ctrl+Enter and look at
#
#   emails     each with the system that holds it
#   identity   which records are one, and why
#   invoices   null: a support case needs none.
#              Not masked here: never fetched.
#
# The line under the answer says what was kept
# back. Open it for the reasons, then try the
# next tab.
query AgentsView {
  lookup(by: { email: "${email}" }) {
    ...Card
  }
}

${card}`,
  },
  {
    operation: 'MarketingsView',
    role: 'marketing',
    purpose: 'marketing.email',
    query: `# Marketing's view: the same card, asked for
# another reason. Of those who
#
#   said no    everything is null
#   said yes   e-mails; the name as initials
#   either     no tickets, no invoices: not fetched
#
# Pick another purpose above and run it again.
# (Marketing may not look people up by e-mail,
# hence a list.)
query MarketingsView {
  customers(first: 5) {
    nodes {
      ...Card
    }
  }
}

${card}`,
  },
  {
    operation: 'DashboardList',
    role: 'sales',
    purpose: 'sales.pipeline',
    query: `# A dashboard's list: 20 customers with figures out
# of every system, and still one call per system
# and kind of record: see extensions.sources.
#
# openTickets is null for whoever didn't agree that
# support shares with sales.
query DashboardList {
  customers(first: 20) {
    nodes {
      id
      name
      deals(first: 1) {
        nodes { title stage amount { amount currency } }
      }
      summary {
        lifetimeValue { amount currency }
        openTickets
        lastContactAt
        complete
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
  },
  {
    operation: 'OneSourceDown',
    role: 'billing',
    purpose: 'billing.collect',
    query: `# One source down. Start the demo with
#
#     go run . -down erp
#
# and run this. What the ERP holds is null, with
# one error per kind of record; the rest is there,
# in time, and complete says what is not whole.
# (Without -down, every source answers.)
query OneSourceDown {
  customers(first: 3) {
    nodes {
      name
      orders(first: 2) {
        nodes { number status total { amount currency } }
      }
      invoices(first: 2) {
        nodes { number amountDue { amount currency } }
      }
      summary {
        balanceDue { amount currency }
        complete
      }
      sources { source state code }
    }
  }
  sources { name role state records }
}
`,
  },
];

export const exampleTabs = examples.map(({ query }) => ({ query }));

export const exampleNamed = (operation: string): Example | undefined =>
  examples.find((example) => example.operation === operation);
