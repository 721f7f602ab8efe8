/** Embedding passes as the engine process makes them: which texts share a pass. */

import { type PassLimits, type PassRequest, planPass } from '../plan-pass.ts'
import type { Job } from './job.ts'
import type { SimulatedLine } from './simulated-line.ts'
import type { SimulatedCosts, SimulatedService } from './simulated-service.ts'
import type { Tally } from './tally.ts'

export class SimulatedPasses {
  readonly #service: SimulatedService
  readonly #costs: SimulatedCosts
  readonly #tally: Tally
  readonly #line: SimulatedLine
  /** In turn order. */
  #jobs: Job[] = []

  constructor(service: SimulatedService, costs: SimulatedCosts, tally: Tally, line: SimulatedLine) {
    this.#service = service
    this.#costs = costs
    this.#tally = tally
    this.#line = line
  }

  get isEmpty(): boolean {
    return this.#jobs.length === 0
  }

  add(job: Job): void {
    this.#jobs.push(job)
  }

  /** Makes a pass; returns its end time. */
  pass(now: number, generating: boolean): number {
    const parts = planPass(this.#requests(), this.#limits(generating))
    let [prefillTokens, attendedTokens] = [0, 0]
    for (const { tokens } of parts) {
      prefillTokens += tokens
      attendedTokens += tokens ** 2 / 2
    }
    const work = { decodeTokens: 0, prefillTokens, attendedTokens }
    const after = now + this.#costs.passMillis(work)
    this.#tally.pass(work, parts.length, after - now)
    const served = new Set<Job>()
    for (const { id: job, tokens } of parts) {
      job.promptLeft -= tokens
      served.add(job)
    }
    this.#jobs = [...this.#jobs.filter((job) => !served.has(job)), ...served].filter((job) => {
      if (job.promptLeft > 0) return true
      this.#line.gaveFirst(job, after)
      this.#line.end(job, after)
      this.#tally.done(job, after)
      return false
    })
    return after
  }

  #requests(): PassRequest<Job>[] {
    return this.#jobs.map((job) => ({
      id: job,
      inputs: [job.promptLeft],
      begun: job.promptLeft < job.request.promptTokens,
    }))
  }

  #limits(generating: boolean): PassLimits {
    const { passTokens, maxPrefillTokensWhileDecoding, maxBatchSize, wholePasses } = this.#service
    return {
      maxTokens: generating ? Math.min(passTokens, maxPrefillTokensWhileDecoding) : passTokens,
      maxSequences: maxBatchSize,
      whole: wholePasses,
    }
  }
}
