/**
 * When steps really ended. Reports come late, by a time that varies with how busy this process is; the engine's own clock is
 * exact, but has another origin. The report that was least late so far tells how far apart the two are (Cristian, 1989). Pure:
 * as `profile/step-times.ts`, for steps that come one by one.
 */

import type { StepReport } from '@hadal/engine'

interface Life {
  readonly offset: number
  readonly endedAt: number
}

export class StepClock {
  readonly #lives = new Map<number, Life>()

  /** Of one engine, in the order they were told of; `toldAt` and what comes back are of one clock. */
  endOf({ replica = 0, endedAt }: Pick<StepReport, 'replica' | 'endedAt'>, toldAt: number): number {
    if (endedAt === undefined) return toldAt
    const life = this.#lives.get(replica)
    // A process that was started again has another clock.
    const isSame = life !== undefined && endedAt >= life.endedAt
    const offset = Math.min(isSame ? life.offset : Number.POSITIVE_INFINITY, toldAt - endedAt)
    this.#lives.set(replica, { offset, endedAt })
    return endedAt + offset
  }
}
