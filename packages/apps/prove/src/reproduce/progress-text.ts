/** Progress output while claims are measured: one line that is rewritten, and one permanent line per finished claim. */

import { formatMillis } from '@hadal/base'
import type { Style } from '@hadal/output'
import { cutText, say } from '@hadal/output'
import type { ClaimResult } from '../report/prove-report.ts'
import { measuredText, outcomeText } from './report-text.ts'
import type { ProveProgress } from './run-claims.ts'

export function progressLine(progress: ProveProgress, columns: number): string {
  const { claim, number, of, note, sinceMillis, remainingMillis } = progress
  const left = say`about ${roundTime(remainingMillis)} left`
  const parts = [`${number}/${of} ${claim.id}`, roundTime(sinceMillis), left, note.split('\n')[0]!]
  return cutText(parts.filter((part) => part !== '').join(' · '), columns - 1)
}

/** In whole seconds. */
export const roundTime = (millis: number): string =>
  millis < 1000 ? '0 s' : formatMillis(Math.round(millis / 1000) * 1000).replace('.0 s', ' s')

export function resultLine(result: ClaimResult, style: Style, columns: number): string {
  const took = result.seconds === undefined ? '' : ` (${roundTime(result.seconds * 1000)})`
  const room = columns - result.id.length - took.length - 20
  return `${outcomeText(result, style)}  ${style.bold(result.id)}${took}  ${cutText(measuredText(result), Math.max(20, room))}`
}
