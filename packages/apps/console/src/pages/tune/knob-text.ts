/** Settings that are tuned, as a page names and writes them. */

import type { TuneKnobs } from '@hadal/protocol'
import { formatCount, formatMillis } from '../../design/format.ts'

export const knobNames: readonly (keyof TuneKnobs)[] = [
  'maxBatchSize',
  'maxBatchTokens',
  'maxPrefillTokensWhileDecoding',
  'timeoutMicros',
  'threads',
  'contextLength',
  'speculation',
]

export function knobText(knobs: Partial<TuneKnobs>, name: keyof TuneKnobs): string {
  const value = knobs[name]
  if (value === undefined) return '–'
  if (typeof value === 'string') return value
  return name === 'timeoutMicros' ? formatMillis(value / 1000) : formatCount(value)
}
