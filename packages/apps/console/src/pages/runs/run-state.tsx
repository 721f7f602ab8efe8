/** The state of a run, in a word and a colour. */

import type { RunState } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { Badge } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { runWords } from './words.ts'

const tones = {
  running: 'accent',
  finished: 'good',
  stopped: 'plain',
  interrupted: 'warn',
  failed: 'bad',
  died: 'bad',
  ended: 'plain',
} as const

export const runStates = Object.keys(tones) as readonly RunState[]

export function StateBadge({ state }: { readonly state: RunState }): ReactNode {
  const say = useMessages(runWords)
  return <Badge tone={tones[state]}>{say[state]}</Badge>
}
