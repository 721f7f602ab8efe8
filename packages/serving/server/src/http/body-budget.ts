/**
 * The memory of all request bodies. Under pressure the body that has been arriving longest is refused first, so that unfinished bodies
 * cannot keep out complete requests.
 */

import { tooManyBodies } from './http-errors.ts'

export interface HeldBody {
  /** Throws `too_many_bodies` if there is no room even when every unfinished body is refused. */
  add(bytes: number): void
  /** It has arrived, and stays until it is released. */
  complete(): void
  /** Idempotent. */
  release(): void
}

export class BodyBudget {
  readonly #limitBytes: () => number
  /** Bodies that are arriving, oldest first: their bytes, and how to refuse them. */
  readonly #arriving = new Map<object, { bytes: number; readonly refuse: (error: Error) => void }>()
  #bytes = 0

  /** The limit is read on every piece. A single body is always accepted, whatever its size. */
  constructor(limitBytes: () => number) {
    this.#limitBytes = limitBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  /** `refuse` is called if the body has to make room for another one. */
  open(refuse: (error: Error) => void): HeldBody {
    const body = { bytes: 0, refuse }
    const key = {}
    this.#arriving.set(key, body)
    let isReleased = false
    const release = (): void => {
      if (isReleased) return
      isReleased = true
      this.#arriving.delete(key)
      this.#bytes -= body.bytes
    }
    return {
      add: (bytes) => {
        if (isReleased) return
        body.bytes += bytes
        this.#bytes += bytes
        for (const [other, { refuse }] of this.#arriving) {
          if (!this.#isOver(body.bytes)) break
          if (other !== key) refuse(tooManyBodies(this.#limitBytes()).with({ retryAfterSeconds: 1 }))
        }
        if (!this.#isOver(body.bytes)) return
        release()
        throw tooManyBodies(this.#limitBytes()).with({ retryAfterSeconds: 1 })
      },
      complete: () => void this.#arriving.delete(key),
      release,
    }
  }

  #isOver(own: number): boolean {
    return this.#bytes > this.#limitBytes() && this.#bytes > own
  }
}
