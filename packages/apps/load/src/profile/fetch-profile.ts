/** Requests a profile from a server and parses the response. */

import { messageOf } from '@hadal/base'
import { readChromeTrace, type Trace } from '@hadal/profiling'
import { targetUnreachable } from '../errors.ts'
import { profileRefused } from './errors.ts'

export interface ProfileTarget {
  readonly url: string
  readonly apiKey?: string | undefined
  readonly model?: string | undefined
  readonly seconds: number
}

/** Throws `target_unreachable`, `profile_refused`, `profile_trace_unreadable`, and the signal's reason. */
export async function fetchProfile(target: ProfileTarget, signal: AbortSignal): Promise<Trace> {
  const { url, apiKey, model, seconds } = target
  const response = await fetch(profileAddress(url), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
    },
    body: JSON.stringify({ seconds, model }),
    signal,
  }).catch((error: Error) => {
    signal.throwIfAborted()
    throw targetUnreachable(url, causeOf(error)).with({ cause: error })
  })
  const bytes = await response.arrayBuffer().catch((error: Error) => {
    signal.throwIfAborted()
    throw targetUnreachable(url, causeOf(error)).with({ cause: error })
  })
  const { ok, status } = response
  if (!ok) throw profileRefused(url, whyNot(status, Buffer.from(bytes).toString('utf8')), status)
  return readChromeTrace(new Uint8Array(bytes))
}

/** Accepts `http://host/v1`, as API clients use. */
export const profileAddress = (url: string): string =>
  `${url.replace(/\/+$/, '').replace(/\/v1$/, '')}/hadal/profile`

/** The server's own message, if any. */
function whyNot(status: number, body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: { message?: unknown } }
    if (typeof error?.message === 'string') return `${error.message} (status ${status})`
  } catch {
    // Not a Hadal server.
  }
  return `status ${status}`
}

function causeOf(error: Error): string {
  const { cause } = error as { cause?: NodeJS.ErrnoException }
  return cause?.code === 'ECONNREFUSED' ? 'connection refused' : messageOf(cause ?? error)
}
