/** Measures the phases of the process start. */

import type { Clock } from '@hadal/base'
import type { StartPhase, StartReport } from '../../engine.ts'

export class StartTimer {
  readonly #clock: Clock
  readonly #phases: Partial<Record<StartPhase, number>> = {}
  #since: number

  /** `nodeMillis`: since the process was started. */
  constructor(clock: Clock, nodeMillis: number) {
    this.#clock = clock
    this.#since = clock.now()
    this.#phases.node = nodeMillis
  }

  get phases(): StartReport['phases'] {
    return this.#phases
  }

  /** Attributes the time since the last phase or pause to this phase. */
  passed(phase: StartPhase): void {
    const now = this.#clock.now()
    this.#phases[phase] = (this.#phases[phase] ?? 0) + now - this.#since
    this.#since = now
  }

  /** Excludes the time since the last phase, which was spent waiting. */
  paused(): void {
    this.#since = this.#clock.now()
  }
}
