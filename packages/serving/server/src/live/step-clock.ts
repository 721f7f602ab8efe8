/**
 * Estimates when steps really ended. Reports arrive with variable delay; the engine's clock is exact but has another origin. The least
 * delayed report so far bounds the offset (Cristian, 1989). Pure; the online version of `profile/step-times.ts`.
 */

import type { StepReport } from '@hadal/engine'

interface Life {
  readonly offset: number
  readonly endedAt: number
}

export class StepClock {
  readonly #lives = new Map<number, Life>()

  /** For one engine, in reporting order; `reportedAt` and the result use the same clock. */
  endOf({ replica = 0, endedAt }: Pick<StepReport, 'replica' | 'endedAt'>, reportedAt: number): number {
    if (endedAt === undefined) return reportedAt
    const life = this.#lives.get(replica)
    // A restarted process has a different clock.
    const isSame = life !== undefined && endedAt >= life.endedAt
    const offset = Math.min(isSame ? life.offset : Number.POSITIVE_INFINITY, reportedAt - endedAt)
    this.#lives.set(replica, { offset, endedAt })
    return endedAt + offset
  }
}
