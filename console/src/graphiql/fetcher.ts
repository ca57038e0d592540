import { createGraphiQLFetcher, isAsyncIterable, type Fetcher } from '@graphiql/toolkit';
import type { ExecutionResult } from 'graphql';
import type { Asking } from './callers.ts';

/** Asks the endpoint as the caller that is active when the request leaves. */
export function fetcherFor(endpoint: string, asking: Asking): Fetcher {
  const ask = createGraphiQLFetcher({
    url: endpoint,
    fetch: (input, init) => fetch(input, { ...init, headers: withCaller(init?.headers, asking) }),
  });
  return async (params, options) => {
    const { tab } = asking;
    const answer = await ask(params, options);
    return isAsyncIterable(answer) ? answerFor(tab, answer, asking) : answer;
  };
}

// What somebody wrote into the tab's own Headers editor wins.
function withCaller(written: HeadersInit | undefined, asking: Asking): Headers {
  const headers = new Headers(written);
  if (asking.token && !headers.has('Authorization')) headers.set('Authorization', `Bearer ${asking.token}`);
  if (asking.purpose && !headers.has('X-Purpose')) headers.set('X-Purpose', asking.purpose);
  return headers;
}

// GraphiQL shows an answer in the tab that is open when it arrives. An answer
// to another tab's caller has no business there.
async function* answerFor<T = ExecutionResult>(tab: string, answer: AsyncIterable<T>, asking: Asking) {
  for await (const part of answer) {
    if (asking.tab !== tab) return;
    yield part;
  }
}
