import { useGraphiQL } from '@graphiql/react';
import { useMemo } from 'react';
import { receiptOf, type Note, type SourceAnswer } from './answer.ts';

/** Under an answer: what was kept back and how the sources did. Opens to the reasons. */
export function AnswerStrip() {
  const response = useGraphiQL((state) => state.tabs[state.activeTabIndex]?.response);
  const receipt = useMemo(() => receiptOf(response), [response]);
  if (!receipt) return null;
  const slowest = Math.max(1, ...receipt.sources.map((source) => source.latencyMs));
  return (
    <details className="c360-strip">
      <summary aria-label="What was kept back, and how the sources answered">
        {receipt.privacy && (
          <>
            <span className="c360-purpose">{receipt.purpose || 'no purpose'}</span>
            <Outcomes outcomes={receipt.outcomes} more={receipt.more} />
          </>
        )}
        {receipt.errors > 0 && <span className="c360-outcome c360-error">{count(receipt.errors, 'error')}</span>}
        <span className="c360-sources">
          {receipt.sources.map((source) => (
            <Source key={source.source} answer={source} slowest={slowest} />
          ))}
        </span>
      </summary>
      {receipt.privacy && <Reasons notes={receipt.notes} />}
    </details>
  );
}

function Outcomes({ outcomes, more }: { outcomes: [string, number][]; more: boolean }) {
  if (outcomes.length === 0) return <span className="c360-outcome">nothing kept back</span>;
  return outcomes.map(([outcome, fields]) => (
    <span key={outcome} className={`c360-outcome c360-${outcome.toLowerCase()}`}>
      {fields}
      {more && '+'} {words(outcome)}
    </span>
  ));
}

const marks: Record<string, string> = { OK: '●', PARTIAL: '◐', FAILED: '✕', NOT_CALLED: '○' };

function Source({ answer, slowest }: { answer: SourceAnswer; slowest: number }) {
  const { source, state, latencyMs } = answer;
  return (
    <span className={`c360-source c360-state-${state.toLowerCase()}`} title={inFull(answer)}>
      <span className="c360-mark" aria-hidden="true">
        {marks[state] ?? '●'}
      </span>
      {source}
      {answer.calls > 0 && (
        <span className="c360-bar-of" aria-hidden="true">
          <span style={{ width: `${Math.max(6, (100 * latencyMs) / slowest)}%` }} />
        </span>
      )}
      <span className="c360-figure">{figure(answer)}</span>
    </span>
  );
}

/** The one thing to say about a source in a line that has room for one. */
function figure({ state, code, latencyMs, saved }: SourceAnswer): string {
  switch (state) {
    case 'NOT_CALLED':
      return saved > 0 ? `${count(saved, 'call')} saved` : 'not called';
    case 'OK':
      return `${latencyMs} ms`;
    default:
      return words(code || state);
  }
}

function inFull({ source, state, code, latencyMs, calls, saved }: SourceAnswer): string {
  const parts = [words(state), code && words(code), count(calls, 'call')];
  if (calls > 0) parts.push(`slowest ${latencyMs} ms`);
  if (saved > 0) parts.push(`${saved} saved by policy`);
  return `${source}: ${parts.filter(Boolean).join(', ')}`;
}

function Reasons({ notes }: { notes: Note[] }) {
  if (notes.length === 0) return <p className="c360-nothing">Policy keeps nothing back of what was asked for.</p>;
  return (
    <div className="c360-reasons" role="region" aria-label="What was kept back, and why" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Outcome</th>
            <th scope="col">Why</th>
            <th scope="col">What would help</th>
          </tr>
        </thead>
        <tbody>
          {notes.map(({ field, outcome, reason, remedy, customers }, index) => (
            <tr key={index}>
              <td>
                <code>{field}</code>
              </td>
              <td>
                <span className={`c360-${outcome.toLowerCase()}`}>{words(outcome)}</span>
                {customers > 0 && ` for ${customers}`}
              </td>
              <td>{words(reason)}</td>
              <td>{remedy === 'NONE' ? '' : words(remedy)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const words = (code: string): string => code.toLowerCase().replaceAll('_', ' ');
const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
