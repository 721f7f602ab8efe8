/** How far a tuning is: its parts in their order, and the one it is at. */

import type { TunePhase } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { Icon } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { tuneWords } from './tune-words.ts'

const order = ['steps', 'guesses', 'slowdown', 'search', 'validation', 'frontier'] as const
const wordOf = {
  steps: 'steps',
  guesses: 'guesses',
  slowdown: 'slowdown',
  search: 'searchPhase',
  validation: 'validation',
  frontier: 'frontierPhase',
} as const satisfies Readonly<Record<TunePhase, string>>

export interface PhasesProps {
  readonly phase: TunePhase | undefined
  /** In the command's words. */
  readonly text: string | undefined
}

export function Phases({ phase, text }: PhasesProps): ReactNode {
  const say = useMessages(tuneWords)
  const at = phase === undefined ? -1 : order.indexOf(phase)
  return (
    <div className="tune-progress">
      <ol className="tune-phases" aria-label={say.phases}>
        {order.map((each, index) => (
          <li
            key={each}
            className={index < at ? 'tune-done' : index === at ? 'tune-now' : undefined}
            aria-current={index === at ? 'step' : undefined}
          >
            <span className="tune-mark" aria-hidden="true">
              {index < at && <Icon name="check" />}
            </span>
            {say[wordOf[each]]}
            {index < at && <span className="visually-hidden"> ({say.phaseDone})</span>}
          </li>
        ))}
      </ol>
      <p className="soft small number">{text ?? ' '}</p>
    </div>
  )
}
