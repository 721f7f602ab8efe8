/** Parses a replay's range: a synthetic day, a file, or a time range of Prometheus. Pure. */

import { parseMillis } from '@hadal/base'
import { type DayName, dayShapes } from '@hadal/fleet'
import { usage } from '@hadal/output'

export type ReplayRange =
  | { readonly kind: 'day'; readonly name: DayName }
  | { readonly kind: 'file'; readonly path: string }
  /** Milliseconds of the epoch. */
  | { readonly kind: 'past'; readonly from: number; readonly to: number }

export interface RangeFlags {
  readonly from?: string
  readonly to?: string
}

const command = 'hadal scale replay'
const longestMillis = 366 * 86_400_000

/** Throws `usage`. */
export function replayRange(range: string | undefined, flags: RangeFlags, now: number): ReplayRange {
  const { from, to } = flags
  const isPast = range !== undefined && /^\s*\d+(\.\d+)?\s*(s|m|h|d)\s*$/i.test(range)
  if (range !== undefined && !isPast) {
    if (from !== undefined || to !== undefined)
      throw usage(
        `--from and --to need data from Prometheus, but ${range} is not a Prometheus range`,
        command,
      )
    return Object.hasOwn(dayShapes, range)
      ? { kind: 'day', name: range as DayName }
      : { kind: 'file', path: range }
  }
  if (range !== undefined && from !== undefined && to !== undefined)
    throw usage(`${range}, --from and --to: use two of them to set a range`, command)
  if (range === undefined && from === undefined)
    throw usage(
      `nothing to replay: name one of ${Object.keys(dayShapes).join(', ')}, a file, a duration such as 24h, or --from`,
      command,
    )
  const length = range === undefined ? undefined : parseMillis(range)
  const until =
    to !== undefined
      ? timeOf(to, '--to')
      : from !== undefined && length !== undefined
        ? timeOf(from, '--from') + length
        : now
  const since = from !== undefined ? timeOf(from, '--from') : until - length!
  if (since >= until) throw usage(`the range ends (${iso(until)}) before it begins (${iso(since)})`, command)
  if (until - since > longestMillis) throw usage('the range must be at most a year', command)
  return { kind: 'past', from: since, to: until }
}

function timeOf(text: string, flag: string): number {
  const at = Date.parse(text)
  if (!Number.isFinite(at))
    throw usage(`${flag} must be a time such as 2026-11-29T14:00Z, got ${text}`, command)
  return at
}

const iso = (at: number): string => new Date(at).toISOString()
