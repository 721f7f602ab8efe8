/** Which errors another engine may not have: what a chain of fallbacks goes on after. */

import { isHadalError } from '@hadal/base'
import {
  upstreamBusy,
  upstreamFailed,
  upstreamLate,
  upstreamRefused,
  upstreamTimeout,
  upstreamUnavailable,
} from './errors.ts'

const here: ReadonlySet<string> = new Set(
  [upstreamBusy, upstreamFailed, upstreamLate, upstreamTimeout, upstreamUnavailable].map(
    ({ spec }) => spec.code,
  ),
)

/** Not an answer that was cut: a part of it was given. Of refusals only that it has too much to do, or has no such model. */
export function maySucceedElsewhere(error: unknown): boolean {
  if (!isHadalError(error)) return false
  if (error.code === upstreamRefused.spec.code) return error.status === 429 || error.status === 404
  return here.has(error.code)
}
