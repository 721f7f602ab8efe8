/**
 * Interprets an attempt without a response: the effect on its replica and on the request, and the resulting error. Pure; never
 * exposes an address or a credential.
 */

import { HadalError } from '@hadal/base'
import type { Outcome } from './attempt.ts'
import { upstreamFailed, upstreamRefused, upstreamTimeout, upstreamUnavailable } from './errors.ts'
import { retryAfterMillis } from './wire/headers.ts'
import { complaintOf, type UpstreamComplaint } from './wire/upstream-error.ts'

export interface Verdict {
  readonly error: HadalError
  /** Another attempt may succeed. */
  readonly mayRetry: boolean
  /** The replica did no work for it: a retry is free. */
  readonly isFree: boolean
  /** The failure to record for the replica; undefined: none. */
  readonly failure: string | undefined
  /** Requested pause, from Retry-After. */
  readonly restMillis: number | undefined
}

export interface JudgeContext {
  readonly id: string
  readonly limitMillis: number
  readonly wallClock: number
  readonly secrets: readonly string[]
}

/** For a busy replica that sends no Retry-After. */
const restOfTheBusyMillis = 1000

export function judge(outcome: Exclude<Outcome, { kind: 'answer' }>, context: JudgeContext): Verdict {
  if (outcome.kind === 'refused') return judgeRefusal(outcome, context)
  const { id, limitMillis } = context
  const base = { mayRetry: true, isFree: true, failure: undefined, restMillis: undefined }
  if (outcome.kind === 'left')
    return { ...base, error: upstreamUnavailable(id, 'the replica went down while it was asked') }
  const { how, why } = outcome
  if (how === 'connect') return { ...base, error: upstreamUnavailable(id, why), failure: why }
  const error = how === 'hung' ? upstreamTimeout(id, limitMillis) : upstreamFailed(id, why)
  return { ...base, error, isFree: false, failure: why }
}

function judgeRefusal(
  { status, headers, text }: Extract<Outcome, { kind: 'refused' }>,
  { id, limitMillis, wallClock, secrets }: JudgeContext,
): Verdict {
  const complaint = complaintOf(status, text, secrets)
  const restMillis = retryAfterMillis(headers, wallClock)
  const failure = `it answered with status ${status}`
  const no = { mayRetry: false, isFree: false, failure: undefined, restMillis: undefined }
  const again = { ...no, mayRetry: true }
  const retryAfterSeconds = Math.max(1, Math.ceil((restMillis ?? restOfTheBusyMillis) / 1000))
  switch (status) {
    case 429:
      return {
        ...again,
        error: passedOn(id, status, complaint).with({ retryAfterSeconds }),
        restMillis: restMillis ?? restOfTheBusyMillis,
      }
    case 503: {
      const error = upstreamUnavailable(id, complaint.message).with({ retryAfterSeconds })
      return { ...again, error, restMillis, failure: restMillis === undefined ? failure : undefined }
    }
    case 504:
      return { ...again, error: upstreamTimeout(id, limitMillis), failure }
    case 502:
      return { ...again, error: upstreamFailed(id, complaint.message), failure }
    // The gateway's credentials, not the client's.
    case 401:
    case 402:
    case 403:
      return { ...no, error: upstreamFailed(id, `it does not take our credentials: ${complaint.message}`) }
    default:
      if (status >= 400 && status < 500) return { ...no, error: passedOn(id, status, complaint) }
      return {
        ...no,
        error: upstreamFailed(id, status >= 500 ? complaint.message : `${failure}, which is no answer`),
        failure,
      }
  }
}

function passedOn(id: string, status: number, { message, param, facts }: UpstreamComplaint): HadalError {
  return HadalError.revive({ ...upstreamRefused(id, message).toJSON(), status, param, facts })
}
