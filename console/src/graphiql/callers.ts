import { exampleNamed } from './examples.ts';
import { knownPurposes, type Role, type Session } from './session.ts';

/** Who asks, and why: kept per tab, so that a tab always asks as it did before. */
export interface Caller {
  role: string;
  purpose: string;
}

export type Callers = Record<string, Caller>;

/** What goes with the next request. The fetcher reads it, the bar writes it. */
export interface Asking {
  tab: string;
  token: string;
  purpose: string;
}

/** The caller an example is written for; nothing for a tab that is no example. */
export function callerOfExample(operation: string | null | undefined): Caller | undefined {
  const example = operation ? exampleNamed(operation) : undefined;
  return example && { role: example.role, purpose: example.purpose };
}

/** The same caller where the session allows it, else the nearest that it does. */
export function allowed(caller: Caller | undefined, session: Session): Caller {
  const role = roleOf(caller, session);
  const wanted = caller?.purpose ?? '';
  if (!role) return { role: '', purpose: wanted };
  return { role: role.role, purpose: role.purposes.includes(wanted) ? wanted : (role.purposes[0] ?? '') };
}

export function roleOf(caller: Caller | undefined, session: Session): Role | undefined {
  return session.roles.find((role) => role.role === caller?.role) ?? session.roles[0];
}

/** The purposes to offer beside a caller. */
export function purposesFor(caller: Caller, session: Session): string[] {
  return roleOf(caller, session)?.purposes ?? knownPurposes;
}
