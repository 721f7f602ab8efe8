/** Ratio of the interval between steps under real load to the step duration: includes messages, sampling, HTTP and other processes. */

import type { SimulatedCosts, SimulatedRequest } from '@hadal/batching'
import type { StepReport } from '@hadal/engine'
import { replayTraffic } from '../load/replay-traffic.ts'
import type { TunedService } from './tuned-service.ts'

/** From the end of one step to the end of the next; longer gaps were idle. */
const longestPauseMillis = 20

/** Sums actual and predicted step durations. */
export class SlowdownTally {
  readonly #costs: SimulatedCosts
  #before: number | undefined
  #took = 0
  #foreseen = 0

  constructor(costs: SimulatedCosts) {
    this.#costs = costs
  }

  add({ decodeTokens, prefillTokens, attendedTokens = 0, millis, isPass }: StepReport, now: number): void {
    const work = { decodeTokens, prefillTokens, attendedTokens }
    const gap = this.#before === undefined ? millis : now - this.#before
    this.#before = now
    this.#took += gap > millis + longestPauseMillis ? millis : Math.max(gap, millis)
    this.#foreseen += isPass ? this.#costs.passMillis(work) : this.#costs.stepMillis(work)
  }

  /** Actual over predicted; at least 1. */
  get factor(): number {
    return this.#foreseen === 0 ? 1 : Math.max(1, this.#took / this.#foreseen)
  }
}

export async function measureSlowdown(
  { engine, url, scale }: TunedService,
  costs: SimulatedCosts,
  traffic: readonly SimulatedRequest[],
): Promise<number> {
  const tally = new SlowdownTally(costs)
  using _ = engine.onStep((report) => tally.add(report, performance.now()))
  const target = { url, model: engine.model.id, timeoutMillis: 120_000, extraBody: { ignore_eos: true } }
  await replayTraffic(traffic, { target, scale, seed: 0 })
  return tally.factor
}
