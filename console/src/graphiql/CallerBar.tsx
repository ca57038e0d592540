import { pick, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { allowed, callerOfExample, purposesFor, roleOf, type Asking, type Caller } from './callers.ts';
import type { Session } from './session.ts';
import { loadCallers, loadToken, saveCallers, saveToken } from './storage.ts';

interface Props {
  session: Session;
  asking: Asking;
  /** Called when a token was typed in: the schema can be read now. */
  onToken: () => void;
}

/** Above GraphiQL: who asks, and why. It writes what the fetcher sends. */
export function CallerBar({ session, asking, onToken }: Props) {
  const [caller, setCaller, tab] = useCallerOfTab(session);
  const [token, setToken] = useState(loadToken);
  const role = roleOf(caller, session);

  // Before GraphiQL's first request, which leaves in an effect of a parent.
  useLayoutEffect(() => {
    Object.assign(asking, { tab, token: role?.token ?? token, purpose: caller.purpose });
  });

  return (
    <header className="graphiql-container c360-bar">
      <Wordmark />
      <form className="c360-caller" aria-label="Who asks, and why" onSubmit={(event) => event.preventDefault()}>
        {session.demo ? (
          <RolePicker session={session} caller={caller} onPick={setCaller} />
        ) : (
          <TokenField token={token} onType={setToken} onToken={onToken} />
        )}
        <PurposePicker session={session} caller={caller} onPick={setCaller} />
      </form>
      {role && <SentHeaders token={role.token} purpose={caller.purpose} />}
    </header>
  );
}

/** The caller of the open tab: what was picked there, else the example's, else the last tab's. */
function useCallerOfTab(session: Session): [Caller, (caller: Caller) => void, string] {
  const { tabs, activeTabIndex } = useGraphiQL(pick('tabs', 'activeTabIndex'));
  const { id, operationName } = tabs[activeTabIndex]!;
  const [callers, setCallers] = useState(loadCallers);
  const last = useRef<Caller>(undefined);
  const caller = allowed(callers[id] ?? callerOfExample(operationName) ?? last.current, session);

  const setCaller = (picked: Caller) => setCallers((all) => ({ ...all, [id]: allowed(picked, session) }));
  useLayoutEffect(() => {
    last.current = caller;
    if (!callers[id]) setCaller(caller);
  });
  useEffect(() => saveCallers(callers), [callers]);
  return [caller, setCaller, id];
}

interface PickerProps {
  session: Session;
  caller: Caller;
  onPick: (caller: Caller) => void;
}

function RolePicker({ session, caller, onPick }: PickerProps) {
  return (
    <label className="c360-field">
      <span>Role</span>
      <select name="role" value={caller.role} onChange={(event) => onPick({ ...caller, role: event.target.value })}>
        {session.roles.map(({ role }) => (
          <option key={role}>{role}</option>
        ))}
      </select>
    </label>
  );
}

function PurposePicker({ session, caller, onPick }: PickerProps) {
  const id = useId();
  const purposes = purposesFor(caller, session);
  const pickPurpose = (purpose: string) => onPick({ ...caller, purpose });
  return (
    <label className="c360-field">
      <span>Purpose</span>
      {session.demo ? (
        <select name="purpose" value={caller.purpose} onChange={(event) => pickPurpose(event.target.value)}>
          {purposes.map((purpose) => (
            <option key={purpose}>{purpose}</option>
          ))}
        </select>
      ) : (
        <>
          <input
            name="purpose"
            list={id}
            value={caller.purpose}
            placeholder="why you ask"
            spellCheck={false}
            onChange={(event) => pickPurpose(event.target.value.trim())}
          />
          <datalist id={id}>
            {purposes.map((purpose) => (
              <option key={purpose} value={purpose} />
            ))}
          </datalist>
        </>
      )}
    </label>
  );
}

interface TokenProps {
  token: string;
  onType: (token: string) => void;
  onToken: () => void;
}

/** Outside the demo. The token stays in this browser tab; leaving the field reads the schema with it. */
function TokenField({ token, onType, onToken }: TokenProps) {
  const { introspect } = useGraphiQLActions();
  const saved = useRef(token);
  const save = () => {
    if (saved.current === token) return;
    saved.current = token;
    saveToken(token);
    if (!token) return;
    onToken();
    void introspect();
  };
  return (
    <label className="c360-field">
      <span>Token</span>
      <input
        name="token"
        type="password"
        autoComplete="off"
        value={token}
        placeholder="Bearer token"
        onChange={(event) => onType(event.target.value.trim())}
        onBlur={save}
        onKeyDown={(event) => event.key === 'Enter' && save()}
      />
    </label>
  );
}

/** What the pickers do, said plainly. Demo tokens are no secret. */
function SentHeaders({ token, purpose }: { token: string; purpose: string }) {
  return (
    <p className="c360-sent" aria-label="Headers sent with every request">
      <code>
        <b>Authorization:</b> Bearer {token}
      </code>
      <code>
        <b>X-Purpose:</b> {purpose}
      </code>
    </p>
  );
}

function Wordmark() {
  return (
    <h1 className="c360-wordmark">
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d="M12 3a9 9 0 0 1 9 9" />
        <path d="M21 12a9 9 0 0 1-9 9" />
        <path d="M12 21a9 9 0 0 1-9-9" />
        <path d="M3 12a9 9 0 0 1 9-9" />
      </svg>
      customer360
    </h1>
  );
}
