/** Reports to a client how long its model is likely to take to wake. */

import { formatMillis } from '@hadal/base'
import type { UpstreamSnapshot } from '@hadal/upstream'

export interface Outlook {
  /** For a response whose headers are not yet sent. */
  readonly headers: Readonly<Record<string, string>>
  /** For event streams. */
  readonly comment: string
}

/** How many seconds the request waited for the model. */
export const heldHeader = 'x-hadal-held-seconds'
/** Expected seconds until a replica is ready, if the response begins before that. */
const etaHeader = 'x-hadal-wake-eta-seconds'

/** Undefined for a model that is awake. */
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

/** Kept on one line, whatever the model's name contains. */
const comment = (text: string): string => `: ${text.replace(/[\r\n]+/g, ' ')}\n\n`
