/** What somebody hears whose request waits for a model to wake: how long that is likely to take. Knows no connection. */

import { formatMillis } from '@hadal/base'
import type { UpstreamSnapshot } from '@hadal/upstream'

export interface Outlook {
  /** Of an answer that has not begun. */
  readonly headers: Readonly<Record<string, string>>
  /** Among events. */
  readonly comment: string
}

/** Of an answer that had to wait: for how many seconds. */
export const heldHeader = 'x-hadal-held-seconds'
/** Of an answer that begins while it still waits: in how many seconds a replica is likely to be there. */
const etaHeader = 'x-hadal-wake-eta-seconds'

/** Undefined of a model that is awake. */
export function wakeOutlook(
  id: string,
  { state, wake }: Pick<UpstreamSnapshot, 'state' | 'wake'>,
): Outlook | undefined {
  if (state !== 'asleep') return undefined
  const { estimate } = wake
  if (estimate === undefined) return { headers: {}, comment: comment(`${id} wakes`) }
  const eta = String(Math.ceil(estimate.likelyMillis / 1000))
  const words = estimate.isOverdue
    ? 'it takes longer than ever before'
    : `likely to be there in ${formatMillis(estimate.likelyMillis)}`
  return { headers: { [etaHeader]: eta }, comment: comment(`${id} wakes: ${words}`) }
}

/** One line, whatever the model is called. */
const comment = (text: string): string => `: ${text.replace(/[\r\n]+/g, ' ')}\n\n`
