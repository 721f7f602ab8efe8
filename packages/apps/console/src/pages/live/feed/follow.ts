/** An event stream that reconnects until it is stopped. */

import { ApiError } from '../../../api/api-error.ts'
import { events } from '../../../api/events.ts'

export interface FollowOptions {
  readonly onEvent: (event: string, data: unknown) => void
  /** Open, or the reason it is not; a 401, 403 or 404 is final until the user retries. */
  readonly onState: (error: ApiError | undefined) => void
  readonly signal: AbortSignal
  /** Milliseconds without an event after which the connection counts as broken; the server sends an event each second. */
  readonly maxSilence?: number
}

const [minMillis, maxMillis] = [500, 10_000]

export async function follow(path: string, options: FollowOptions): Promise<void> {
  const { onEvent, onState, signal, maxSilence = 15_000 } = options
  let failures = 0
  while (!signal.aborted) {
    const silence = new Silence(maxSilence)
    try {
      for await (const { event, data } of events(path, {
        signal: AbortSignal.any([signal, silence.signal]),
      })) {
        silence.heard()
        failures = 0
        onState(undefined)
        onEvent(event, JSON.parse(data))
      }
    } catch (error) {
      if (signal.aborted) return
      const thrown = silence.signal.aborted
        ? new ApiError(0, 'unreachable', 'The server is unreachable.')
        : error
      const known = thrown instanceof ApiError ? thrown : new ApiError(0, 'unexpected', String(thrown))
      onState(known)
      if (known.status === 401 || known.status === 403 || known.status === 404) return
    } finally {
      silence.end()
    }
    failures += 1
    await pause(Math.min(maxMillis, minMillis * 2 ** Math.min(failures - 1, 5)), signal)
  }
}

/** Aborts a silent connection: a machine that disappears does not close it. */
class Silence {
  readonly #broken = new AbortController()
  readonly #maxMillis: number
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(maxMillis: number) {
    this.#maxMillis = maxMillis
    this.heard()
  }

  get signal(): AbortSignal {
    return this.#broken.signal
  }

  heard(): void {
    this.end()
    this.#timer = setTimeout(() => this.#broken.abort(), this.#maxMillis)
  }

  end(): void {
    clearTimeout(this.#timer)
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
