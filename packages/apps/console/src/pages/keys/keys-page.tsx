/** Keys and usage: `#/keys` lists keys, `#/keys/key/ID` opens one, `#/keys/usage?month=2026-11&key=ID` shows usage. */

import type { KeyList } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { usePolled } from '../../api/use-polled.ts'
import { CodeBlock, EmptyState, ErrorState, Page, Skeleton, Tabs } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { go, useRoute } from '../../shell/route.ts'
import { KeyListView } from './key-list.tsx'
import './keys.css'
import { keysWords } from './keys-words.ts'
import { UsageView } from './usage-view.tsx'

/** Usage is polled while the page is visible. */
const pollMillis = 5000

export default function KeysPage(): ReactNode {
  const say = useMessages(keysWords)
  const { rest } = useRoute()
  const { data, error, refresh } = usePolled<KeyList>('/hadal/keys', pollMillis)
  const view = rest[0] === 'usage' ? 'usage' : 'keys'
  if (error?.code === 'operation_unavailable')
    return (
      <Page title={say.title} lead={say.lead}>
        <NoDatabase />
      </Page>
    )
  if (data === undefined)
    return (
      <Page title={say.title} lead={say.lead}>
        {error === undefined ? <Skeleton lines={8} /> : <ErrorState error={error} onRetry={refresh} />}
      </Page>
    )
  return (
    <Page title={say.title} lead={say.lead}>
      <Tabs
        label={say.view}
        value={view}
        tabs={[
          { value: 'keys', label: say.keys },
          { value: 'usage', label: say.usage },
        ]}
        onChange={(next) => go('keys', next === 'usage' ? ['usage'] : [])}
      />
      <div role="tabpanel" aria-label={say[view]} className="stack">
        {view === 'usage' ? <UsageView list={data} /> : <KeyListView list={data} onChange={refresh} />}
      </div>
    </Page>
  )
}

const config = `import { defineService } from 'hadal'

export default defineService({
  database: 'accounts.sqlite', // or postgres://user@host/hadal
})`
const shell = `export HADAL_DATABASE=accounts.sqlite
hadal keys create "team blue" --requests-per-minute 60
hadal serve`

function NoDatabase(): ReactNode {
  const say = useMessages(keysWords)
  return (
    <>
      <EmptyState title={say.noDatabase} icon="key">
        <p>{say.noDatabaseWhy}</p>
      </EmptyState>
      <div className="columns">
        <CodeBlock code={config} language="ts" label={say.configLabel} />
        <CodeBlock code={shell} language="sh" label={say.shellLabel} />
      </div>
    </>
  )
}
