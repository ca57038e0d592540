import './workers.ts';
import { DOC_EXPLORER_PLUGIN, DocExplorerStore } from '@graphiql/plugin-doc-explorer';
import { HISTORY_PLUGIN, HistoryStore } from '@graphiql/plugin-history';
import { GraphiQLProvider } from '@graphiql/react';
import { GraphiQL, GraphiQLInterface } from 'graphiql';
import { useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { AnswerStrip } from './AnswerStrip.tsx';
import { CallerBar } from './CallerBar.tsx';
import type { Asking } from './callers.ts';
import { exampleTabs } from './examples.ts';
import { fetcherFor } from './fetcher.ts';
import { loadSession, type Session } from './session.ts';
import { loadToken, storage } from './storage.ts';
import '@graphiql/react/font/roboto.css';
import '@graphiql/react/font/fira-code.css';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './page.css';

const plugins = [DOC_EXPLORER_PLUGIN, HISTORY_PLUGIN];

/** The stock GraphiQL out of its parts, with the caller above and the receipt below. */
function Page({ session }: { session: Session }) {
  const asking = useMemo<Asking>(() => ({ tab: '', token: '', purpose: '' }), []);
  const fetcher = useMemo(() => fetcherFor(session.endpoint, asking), [session, asking]);
  const [anonymous, setAnonymous] = useState(!session.demo && !loadToken());
  return (
    <GraphiQLProvider
      fetcher={fetcher}
      schema={anonymous ? null : undefined} // null: don't ask for it yet
      schemaDescription
      storage={storage}
      defaultTabs={exampleTabs}
      plugins={plugins}
      referencePlugin={DOC_EXPLORER_PLUGIN}
    >
      <HistoryStore>
        <DocExplorerStore>
          <CallerBar session={session} asking={asking} onToken={() => setAnonymous(false)} />
          <GraphiQLInterface showPersistHeadersSettings={false} defaultEditorToolsVisibility={false}>
            <GraphiQL.Footer>
              <AnswerStrip />
            </GraphiQL.Footer>
          </GraphiQLInterface>
        </DocExplorerStore>
      </HistoryStore>
    </GraphiQLProvider>
  );
}

const session = await loadSession();
createRoot(document.getElementById('root')!).render(<Page session={session} />);
