/** A promise, or the end of patience. */

import { onAbort } from '@hadal/base'

/** What `promise` gives, or the signal's reason as soon as that aborts; the promise goes on. */
export async function waitFor<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return promise
  if (signal.aborted) {
    // Nobody will hear what becomes of it.
    promise.catch(() => {})
    throw signal.reason
  }
  let callOff = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    callOff = onAbort(signal, () => reject(signal.reason))
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    callOff()
  }
}
