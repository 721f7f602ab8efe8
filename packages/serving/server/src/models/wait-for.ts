/** Waits for a promise or an abort. */

import { onAbort } from '@hadal/base'

/** Resolves like `promise`, or rejects with the signal's reason on abort; the promise itself continues. */
export async function waitFor<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return promise
  if (signal.aborted) {
    // Its later rejection is ignored.
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
