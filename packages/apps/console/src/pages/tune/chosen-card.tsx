/** The chosen settings: why, the load they sustain, and what they change. */

import type { TuneKnobs } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { Badge, Button, Card, formatCount, formatMillis, Stat, Table } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { knobNames, knobText } from './knob-text.ts'
import { tuneWords } from './tune-words.ts'
import { latencyOf, type Tuning } from './tuning.ts'
import { whyChosen } from './why-chosen.ts'

export interface ChosenCardProps {
  readonly tuning: Tuning
  readonly isDone: boolean
  readonly onApply: (knobs: TuneKnobs) => void
}

export function ChosenCard({ tuning, isDone, onApply }: ChosenCardProps): ReactNode {
  const say = useMessages(tuneWords)
  const { chosen, begin, candidates } = tuning
  const why = whyChosen(tuning, isDone, say)
  if (why.length === 0) return null
  const best = chosen?.best
  const isEmbed = best?.ttftMillis === undefined
  const rows = knobNames.map((name) => ({
    name,
    before: begin === undefined ? '–' : knobText(begin.start, name),
    after: chosen === undefined ? '–' : knobText(chosen.knobs, name),
  }))
  return (
    <Card
      title={isDone ? say.chosen : say.bestSoFar}
      actions={
        isDone &&
        best !== undefined &&
        chosen?.isStart === false && (
          <Button kind="primary" icon="check" onPress={() => onApply(chosen.knobs)}>
            {say.apply}
          </Button>
        )
      }
    >
      <div className="stack">
        <p className="tune-why">{why.join(say.between)}</p>
        {best !== undefined && (
          <div className="stats">
            <Stat
              label={say.bears}
              value={say.perSecond(formatCount(best.requestsPerSecond))}
              tone={chosen?.real === 0 ? 'plain' : 'good'}
            />
            <Stat label={isEmbed ? say.latencyEmbed : say.latency} value={formatMillis(latencyOf(best))} />
            <Stat label={say.bearsReal} {...realStat(chosen?.real, say)} />
            <Stat label={say.perStep} value={formatCount(candidates.length)} />
          </div>
        )}
        {best !== undefined && (
          <Table
            label={say.chosen}
            keyOf={({ name }) => name}
            rows={rows}
            columns={[
              { key: 'name', label: say.setting, render: ({ name }) => <KnobName name={name} /> },
              { key: 'before', label: say.before, isNumber: true, render: ({ before }) => before },
              {
                key: 'after',
                label: say.after,
                isNumber: true,
                render: ({ before, after }) => (before === after ? after : <strong>{after}</strong>),
              },
              {
                key: 'changed',
                isExtra: true,
                label: '',
                render: ({ before, after }) =>
                  before === after ? (
                    <span className="faint">{say.unchanged}</span>
                  ) : (
                    <Badge tone="accent">{say.changed}</Badge>
                  ),
              },
            ]}
          />
        )}
      </div>
    </Card>
  )
}

type Say = typeof tuneWords.en | typeof tuneWords.zh

function realStat(real: number | undefined, say: Say): { value: string; tone?: 'good' | 'warn' } {
  if (real === undefined) return { value: say.notTried }
  return real > 0
    ? { value: say.perSecond(formatCount(real)), tone: 'good' }
    : { value: say.notKept, tone: 'warn' }
}

/** In words, and as the config has it. */
export function KnobName({ name }: { readonly name: keyof TuneKnobs }): ReactNode {
  const say = useMessages(tuneWords)
  return (
    <span className="tune-knob">
      {say[name]} <code className="faint small">{name}</code>
    </span>
  )
}
