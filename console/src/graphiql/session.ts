/** What the server tells the page before it asks its first question. */
export interface Session {
  /** Whether this is the demo: made-up people, and a token for every role. */
  demo: boolean;
  /** Where queries go. */
  endpoint: string;
  /** The demo's roles; empty outside of it. */
  roles: Role[];
}

export interface Role {
  role: string;
  token: string;
  purposes: string[];
}

/** The closed registry of purposes; a deployment may hold fewer. */
export const knownPurposes = [
  'support.case',
  'billing.collect',
  'sales.pipeline',
  'marketing.email',
  'marketing.sms',
  'marketing.profiling',
  'analytics.product',
  'sharing.support',
  'sharing.advertising',
  'fraud.check',
  'legal.request',
];

const outsideTheDemo: Session = { demo: false, endpoint: '/graphql', roles: [] };

/** Without an answer the page works as outside the demo: it asks for a token. */
export async function loadSession(): Promise<Session> {
  try {
    const response = await fetch('/graphiql/session.json');
    if (!response.ok) return outsideTheDemo;
    return { ...outsideTheDemo, ...((await response.json()) as Partial<Session>) };
  } catch {
    return outsideTheDemo;
  }
}
