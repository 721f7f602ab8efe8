/**
 * Runs work with a timeout that a longer-lived signal also ends. Replaces `AbortSignal.any`, for which Node 20 retains memory as
 * long as the longer signal lives: a scaler sends fifty thousand requests a day.
 */

import { type Clock, onAbort, systemClock } from '@hadal/base'

/** The signal that work gets aborts with the longer one's reason, or after `millis` with a TimeoutError. */
export async function within<T>(
  millis: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
  clock: Clock = systemClock,
): Promise<T> {
  signal.throwIfAborted()
  const limited = new AbortController()
  const done = new AbortController()
  const callOff = onAbort(signal, () => limited.abort(signal.reason))
  clock.sleep(millis, done.signal).then(
    () => limited.abort(new DOMException(`no response within ${millis / 1000} s`, 'TimeoutError')),
    () => undefined,
  )
  try {
    return await work(limited.signal)
  } finally {
    callOff()
    done.abort()
  }
}
