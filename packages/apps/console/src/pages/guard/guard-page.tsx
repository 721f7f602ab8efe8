/** The guard: `#/guard` tries a text, `#/guard/audit`, `#/guard/review` and `#/guard/measure` are its other views. */

import type { GuardFacts } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { usePolled } from '../../api/use-polled.ts'
import { ErrorState, Page, Skeleton, Tabs } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { go, useRoute } from '../../shell/route.ts'
import { AuditView } from './audit/audit-view.tsx'
import './guard.css'
import { guardWords } from './guard-words.ts'
import { MeasureView } from './measure/measure-view.tsx'
import { ReviewView } from './review/review-view.tsx'
import { TryView } from './try/try-view.tsx'

const views = ['try', 'audit', 'review', 'measure'] as const
type View = (typeof views)[number]

/** The policy changes with the config of the service. */
const pollMillis = 15_000

export default function GuardPage(): ReactNode {
  const say = useMessages(guardWords)
  const { rest } = useRoute()
  const view: View = views.find((known) => known === rest[0]) ?? 'try'
  const { data: facts, error, refresh } = usePolled<GuardFacts>('/hadal/guard', pollMillis)
  return (
    <Page title={say.title} lead={say.lead}>
      <Tabs<View>
        label={say.view}
        value={view}
        tabs={views.map((value) => ({ value, label: say[value] }))}
        onChange={(next) => go('guard', next === 'try' ? [] : [next])}
      />
      <div role="tabpanel" aria-label={say[view]} className="stack">
        {facts === undefined ? (
          error === undefined ? (
            <Skeleton lines={8} />
          ) : (
            <ErrorState error={error} onRetry={refresh} />
          )
        ) : (
          <Shown view={view} facts={facts} onChange={refresh} />
        )}
      </div>
    </Page>
  )
}

interface ShownProps {
  readonly view: View
  readonly facts: GuardFacts
  readonly onChange: () => void
}

function Shown({ view, facts, onChange }: ShownProps): ReactNode {
  if (view === 'audit') return <AuditView facts={facts} />
  if (view === 'review') return <ReviewView facts={facts} onChange={onChange} />
  if (view === 'measure') return <MeasureView facts={facts} />
  return <TryView facts={facts} onChange={onChange} />
}
