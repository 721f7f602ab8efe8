/** A stream of events that is opened again whenever it ends, until nobody wants it: a server may go away and come back. */

import { ApiError } from '../../../api/api-error.ts'
import { events } from '../../../api/events.ts'

export interface FollowOptions {
  readonly onEvent: (event: string, data: unknown) => void
  /** It is open, or why it is not; a refusal (401, 403, 404) is final until somebody asks again. */
  readonly onState: (error: ApiError | undefined) => void
  readonly signal: AbortSignal
}

const [leastMillis, mostMillis] = [500, 10_000]

export async function follow(path: string, { onEvent, onState, signal }: FollowOptions): Promise<void> {
  let failures = 0
  while (!signal.aborted) {
    try {
      for await (const { event, data } of events(path, { signal })) {
        if (failures > 0) failures = 0
        onState(undefined)
        onEvent(event, JSON.parse(data))
      }
    } catch (error) {
      if (signal.aborted) return
      const known = error instanceof ApiError ? error : new ApiError(0, 'unexpected', String(error))
      onState(known)
      if (known.status === 401 || known.status === 403 || known.status === 404) return
    }
    failures += 1
    await pause(Math.min(mostMillis, leastMillis * 2 ** Math.min(failures - 1, 5)), signal)
  }
}

function pause(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, millis)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
