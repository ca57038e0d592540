import type { Callers } from './callers.ts';

// What people type here names customers: an e-mail in a query, an id in a
// variable. Queries, tabs and history therefore live in sessionStorage and go
// away with the browser's tab, as the token does. Only what says nothing about
// anybody lasts.
const lasting = new Set(['theme', 'visiblePlugin', 'docExplorerFlex', 'editorFlex', 'secondaryEditorFlex']);
const namespace = 'graphiql:';

const homeOf = (key: string): Storage =>
  lasting.has(key.slice(namespace.length)) ? localStorage : sessionStorage;

function ownKeys(storage: Storage): string[] {
  return Object.keys(storage).filter((key) => key.startsWith(namespace));
}

/** GraphiQL's storage. */
export const storage = {
  getItem: (key: string) => homeOf(key).getItem(key),
  setItem: (key: string, value: string) => homeOf(key).setItem(key, value),
  removeItem: (key: string) => homeOf(key).removeItem(key),
  get length() {
    return ownKeys(localStorage).length + ownKeys(sessionStorage).length;
  },
  clear() {
    for (const home of [localStorage, sessionStorage]) {
      for (const key of ownKeys(home)) home.removeItem(key);
    }
  },
};

const tokenKey = 'customer360:token';
const callersKey = 'customer360:callers';

export const loadToken = (): string => sessionStorage.getItem(tokenKey) ?? '';
export const saveToken = (token: string): void => sessionStorage.setItem(tokenKey, token);

export function loadCallers(): Callers {
  try {
    return JSON.parse(sessionStorage.getItem(callersKey) ?? '{}') as Callers;
  } catch {
    return {};
  }
}

export const saveCallers = (callers: Callers): void =>
  sessionStorage.setItem(callersKey, JSON.stringify(callers));
