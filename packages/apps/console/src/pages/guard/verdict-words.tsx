/** A guard action as a badge with colour and text. */

import type { GuardAction } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { Badge } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { guardWords } from './guard-words.ts'

const tones = { allow: 'good', flag: 'warn', redact: 'warn', reply: 'bad', block: 'bad' } as const

export function ActionBadge({ action }: { readonly action: GuardAction }): ReactNode {
  const say = useMessages(guardWords)
  return <Badge tone={tones[action]}>{say[action]}</Badge>
}

/** Whether a text does not reach a model. */
export const stops = (action: GuardAction): boolean => action === 'block' || action === 'reply'

/** Near 1 the digits that count are those after the nines: `0.9987`. */
export function suspicionText(suspicion: number): string {
  if (suspicion <= 0.99 || suspicion >= 1) return suspicion.toFixed(2)
  return String(Number(suspicion.toFixed(Math.min(6, 2 - Math.floor(Math.log10(1 - suspicion))))))
}

/** How many nines, as a share of five: 0.9 is 0.2, 0.99 is 0.4. */
export const ninesShare = (suspicion: number): number =>
  Math.max(0, Math.min(1, -Math.log10(Math.max(1e-5, 1 - suspicion)) / 5))

export const formatMicros = (micros: number): string =>
  micros < 1000 ? `${Math.round(micros)} µs` : `${(micros / 1000).toPrecision(3)} ms`
