/** Phases of the last engine start. */

import type { LiveModel } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { Card, Disclosure, formatMillis } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { liveWords } from '../words.ts'

const order = ['node', 'libraries', 'backends', 'model', 'context', 'warmUp', 'prefixes'] as const

interface Phase {
  readonly name: (typeof order)[number] | 'between'
  readonly millis: number
  readonly from: number
}

export function ColdStartCard({ model }: { readonly model: LiveModel }): ReactNode {
  const say = useMessages(liveWords)
  const { engine, loadMillis } = model
  const start = engine?.start
  if (engine === undefined || start === undefined) return null
  const phases = phasesOf(start.phases, start.millis)
  const whole = Math.max(start.millis, ...phases.map(({ from, millis }) => from + millis))
  // If loading began before the model was requested, the wait is shorter than the load; the two are no sum.
  const load =
    loadMillis !== undefined && loadMillis > start.millis ? ` ${say.loadWhat(formatMillis(loadMillis))}` : ''
  return (
    <Card title={say.coldStart} lead={say.coldStartWhat(formatMillis(start.millis)) + load}>
      <ol className="live-waterfall">
        {phases.map(({ name, millis, from }) => (
          <li key={name}>
            <span>{say.phase(name)}</span>
            <span className="live-waterfall-track" aria-hidden="true">
              <span
                className={name === 'between' ? 'live-waterfall-rest' : undefined}
                style={{
                  left: `${(100 * from) / whole}%`,
                  width: `${Math.max(0.5, (100 * millis) / whole)}%`,
                }}
              />
            </span>
            <span className="number">{formatMillis(millis)}</span>
          </li>
        ))}
      </ol>
      <Disclosure summary={say.choices}>
        <ul className="live-choices">
          {engine.choices.map((choice) => (
            <li key={choice}>{choice}</li>
          ))}
        </ul>
      </Disclosure>
    </Card>
  )
}

/** What no phase has is between them: processes wait and talk. */
function phasesOf(phases: Readonly<Record<string, number>>, whole: number): Phase[] {
  let from = 0
  const shown = order.flatMap((name): Phase[] => {
    const millis = phases[name]
    if (millis === undefined) return []
    const phase = { name, millis, from }
    from += millis
    return [phase]
  })
  return whole - from >= 1 ? [...shown, { name: 'between', millis: whole - from, from }] : shown
}
