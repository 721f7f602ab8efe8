/** Results per check: suspicion, threshold and time. */

import type { GuardStep } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { Badge, type Column, Table } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { guardWords } from '../guard-words.ts'
import { ActionBadge, formatMicros, ninesShare, suspicionText } from '../verdict-words.tsx'

export function StepsTable({ steps }: { readonly steps: readonly GuardStep[] }): ReactNode {
  const say = useMessages(guardWords)
  const longest = Math.max(1, ...steps.map(({ micros }) => micros))
  const columns: readonly Column<GuardStep>[] = [
    {
      key: 'check',
      label: say.checkName,
      render: ({ check, layer }) => (
        <span className="guard-step">
          <strong>{check === 'views' ? say.views : check}</strong>
          {layer !== check && <span className="faint small">{layer}</span>}
        </span>
      ),
    },
    { key: 'says', label: say.says, isText: true, render: (step) => <Says step={step} /> },
    { key: 'suspicion', label: say.suspicion, render: (step) => <SuspicionBar step={step} /> },
    {
      key: 'time',
      label: say.time,
      isNumber: true,
      sortBy: ({ micros }) => micros,
      render: ({ micros }) => (
        <span className="guard-time">
          {formatMicros(micros)}
          <span
            className="guard-time-bar"
            aria-hidden="true"
            style={{ width: `${(100 * micros) / longest}%` }}
          />
        </span>
      ),
    },
  ]
  return <Table label={say.layers} columns={columns} rows={steps} keyOf={({ check }) => check} />
}

function Says({ step: { says, action, why } }: { readonly step: GuardStep }): ReactNode {
  const say = useMessages(guardWords)
  return (
    <span className="guard-says">
      {says === 'acts' && action !== undefined ? (
        <ActionBadge action={action} />
      ) : says === 'nothing' ? (
        <span className="faint">{say.nothing}</span>
      ) : (
        <Badge tone={says === 'fails' ? 'bad' : 'plain'}>{say[says]}</Badge>
      )}
      {why !== undefined && <span className="small soft">{why}</span>}
    </span>
  )
}

export interface SuspicionBarProps {
  readonly step: Pick<GuardStep, 'suspicion' | 'threshold' | 'says'>
}

export function SuspicionBar({ step: { suspicion, threshold, says } }: SuspicionBarProps): ReactNode {
  const say = useMessages(guardWords)
  if (suspicion === undefined) return null
  const words = [
    suspicionText(suspicion),
    ...(threshold === undefined ? [] : [`${say.actsFrom} ${suspicionText(threshold)}`]),
  ]
  return (
    <span className="guard-suspicion">
      <span className="guard-suspicion-track" aria-hidden="true">
        <span
          className={says === 'acts' ? 'guard-suspicion-acts' : ''}
          style={{ width: `${100 * ninesShare(suspicion)}%` }}
        />
        {threshold !== undefined && <i style={{ left: `${100 * ninesShare(threshold)}%` }} />}
      </span>
      <span className="small number">{words.join('; ')}</span>
    </span>
  )
}
