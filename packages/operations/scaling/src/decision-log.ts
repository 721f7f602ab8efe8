/** Recent decisions. Repeated ones with the same reason are one entry, with the latest measurements and the start time. */

import type { ScaleDecision } from '@hadal/fleet'
import type { KeptDecision } from './scaler-status.ts'

const most = 200

export class DecisionLog {
  #kept: KeptDecision[] = []
  #isOthers = false

  /** The newest last. */
  get all(): readonly KeptDecision[] {
    return this.#kept
  }

  /** Decisions of earlier leaders. */
  recall(earlier: readonly KeptDecision[]): void {
    this.#isOthers = true
    const first = this.#kept[0]?.at ?? Number.POSITIVE_INFINITY
    this.#kept = [...earlier.filter(({ at }) => at < first), ...this.#kept].slice(-most)
  }

  /** Whether it differs from the last one, or is the first of this scaler after those of others. */
  add(decision: ScaleDecision): boolean {
    const last = this.#kept.at(-1)
    const isSame =
      last?.action === 'hold' &&
      decision.action === 'hold' &&
      last.reason === decision.reason &&
      last.from === decision.from &&
      // A change by another client stays in the log.
      last.changedFrom === undefined &&
      decision.changedFrom === undefined
    this.#kept = isSame
      ? [...this.#kept.slice(0, -1), { ...decision, since: last.since ?? last.at }]
      : [...this.#kept, decision].slice(-most)
    const isNews = !isSame || this.#isOthers
    this.#isOthers = false
    return isNews
  }
}
