/**
 * Queries a replica for its start time, which a Hadal server exports in `/metrics` (`hadal_start_seconds`). A replica without
 * that metric is not queried again.
 */

import type { Clock } from '@hadal/base'
import { metrics, parseMetricsText } from '@hadal/protocol'
import type { Dispatcher } from 'undici'
import { rootOf } from '../wire/target-url.ts'

export interface StartQuestion {
  /** The replica's base URL. */
  readonly url: string
  /** The replica's name of the model. */
  readonly model: string
  readonly headers: Readonly<Record<string, string>>
  readonly dispatcher: Dispatcher
  readonly clock: Clock
  readonly signal: AbortSignal
}

const limitMillis = 5000
const maxBytes = 4 * 1024 * 1024
const over = 'no longer needed'

/** From the spawn of its engine until it was ready. Undefined if not reported. Never throws. */
export async function reportedStartMillis(question: StartQuestion): Promise<number | undefined> {
  const { url, model, headers, dispatcher, clock, signal } = question
  const ended = new AbortController()
  clock.sleep(limitMillis, ended.signal).then(
    () => ended.abort(over),
    () => {},
  )
  try {
    const { origin, pathname } = new URL(`${rootOf(url)}/metrics`)
    const { statusCode, body } = await dispatcher.request({
      origin,
      path: pathname,
      method: 'GET',
      headers,
      signal: AbortSignal.any([signal, ended.signal]),
      headersTimeout: 0,
      bodyTimeout: 0,
    })
    const pieces: Uint8Array[] = []
    let length = 0
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      pieces.push(piece)
      length += piece.length
      if (length > maxBytes) return undefined
    }
    return statusCode === 200 ? startIn(Buffer.concat(pieces).toString('utf8'), model) : undefined
  } catch {
    return undefined
  } finally {
    ended.abort(over)
  }
}

function startIn(text: string, model: string): number | undefined {
  const whole = parseMetricsText(text).samples.find(
    ({ name, labels }) =>
      name === metrics.startTime.name && labels.phase === 'all' && labels.model_name === model,
  )
  return whole !== undefined && whole.value > 0 && Number.isFinite(whole.value)
    ? whole.value * 1000
    : undefined
}
