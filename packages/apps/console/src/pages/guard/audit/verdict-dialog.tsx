/** One verdict: findings, stored excerpt, and review. */

import type { GuardFacts, GuardVerdictRecord } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { usePolled } from '../../../api/use-polled.ts'
import {
  Card,
  Dialog,
  ErrorState,
  Facts,
  formatCount,
  formatTime,
  Segments,
  Skeleton,
} from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { hrefOf } from '../../../shell/route.ts'
import { guardWords } from '../guard-words.ts'
import { ReviewButtons } from '../review/review-buttons.tsx'
import { FindingsList } from '../try/findings-list.tsx'
import { seen } from '../try/marked-text.tsx'
import { SuspicionBar } from '../try/steps-table.tsx'
import { ActionBadge, formatMicros } from '../verdict-words.tsx'

export interface VerdictDialogProps {
  readonly id: number
  /** Where the page has it already. */
  readonly known: GuardVerdictRecord | undefined
  readonly facts: GuardFacts
  readonly onClose: () => void
}

export function VerdictDialog({ id, known, facts, onClose }: VerdictDialogProps): ReactNode {
  const say = useMessages(guardWords)
  const { data, error } = usePolled<{ verdicts: readonly GuardVerdictRecord[] }>(
    known === undefined ? `/hadal/guard/verdicts?before=${id + 1}&limit=1` : undefined,
  )
  const found = known ?? data?.verdicts.find((verdict) => verdict.id === id)
  return (
    <Dialog title={say.verdict(String(id))} isOpen place="side" onClose={onClose}>
      {error !== undefined && <ErrorState error={error} />}
      {found === undefined ? (
        data === undefined ? (
          error === undefined && <Skeleton lines={8} />
        ) : (
          <p>{say.auditEmpty}</p>
        )
      ) : (
        <Verdict record={found} facts={facts} />
      )}
    </Dialog>
  )
}

interface VerdictProps {
  readonly record: GuardVerdictRecord
  readonly facts: GuardFacts
}

function Verdict({ record, facts }: VerdictProps): ReactNode {
  const say = useMessages(guardWords)
  const { findings, findingCount, suspicion, abstained, failed, timings, excerpt } = record
  const suspicions = Object.entries(suspicion)
  return (
    <div className="stack">
      <Facts
        facts={[
          { label: say.did, value: <ActionBadge action={record.action} /> },
          { label: say.at, value: formatTime(record.at) },
          { label: say.words, value: say[record.role] },
          ...(record.key === undefined
            ? []
            : [
                {
                  label: say.caller,
                  value: (
                    <a href={hrefOf('guard', ['audit'], { key: record.key.id })}>
                      {record.key.name || record.key.id}
                    </a>
                  ),
                },
              ]),
          {
            label: say.request,
            value: (
              <a href={hrefOf('guard', ['audit'], { request: record.requestId })} title={say.sameRequest}>
                <code>{record.requestId}</code>
              </a>
            ),
          },
          ...(record.answered === undefined
            ? []
            : [{ label: say.answered, value: <code>{record.answered}</code> }]),
          { label: say.length, value: say.characters(formatCount(record.characters)) },
          { label: say.digest, value: <code className="small">{record.digest}</code> },
          { label: say.time, value: formatMicros(record.micros) },
        ]}
      />
      {record.isNearMiss && <p className="warn">{say.nearMiss}</p>}
      <FindingsList findings={findings} />
      {findingCount > findings.length && (
        <p className="small faint">{say.more(formatCount(findingCount - findings.length))}</p>
      )}
      {suspicions.length > 0 && (
        <Facts
          facts={suspicions.map(([check, value]) => ({
            label: check,
            value: (
              <SuspicionBar
                step={{
                  suspicion: value,
                  says: findings.some((finding) => finding.check === check) ? 'acts' : 'nothing',
                }}
              />
            ),
          }))}
        />
      )}
      <Reasons label={say.abstained} reasons={abstained} />
      <Reasons label={say.failed} reasons={failed} />
      <Segments
        label={say.time}
        segments={Object.entries(timings).map(([label, micros]) => ({
          label,
          value: micros,
          text: formatMicros(micros),
        }))}
      />
      <Card title={say.excerpt}>
        {excerpt === undefined ? (
          <p className="soft">{say.noExcerpt}</p>
        ) : (
          <pre className="guard-text">{seen(excerpt)}</pre>
        )}
      </Card>
      <Card title={say.isIt}>
        <ReviewButtons
          record={record}
          role={record.role}
          action={record.action}
          facts={facts}
          {...(excerpt !== undefined && excerpt.length === record.characters && { text: excerpt })}
        />
      </Card>
    </div>
  )
}

function Reasons(props: {
  readonly label: string
  readonly reasons: Readonly<Record<string, string>>
}): ReactNode {
  const said = Object.entries(props.reasons)
  if (said.length === 0) return null
  return <Facts facts={said.map(([check, why]) => ({ label: `${props.label}: ${check}`, value: why }))} />
}
