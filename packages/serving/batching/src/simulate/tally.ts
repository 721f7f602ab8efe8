/** Statistics of a simulation, collected as it runs. */

import type { StepWork } from '../step-costs.ts'
import { Histogram, type Percentiles } from './histogram.ts'
import type { Job } from './job.ts'
import type { Refusal } from './simulated-line.ts'
import type { SimulatedRequest } from './traffic.ts'

/** `too_long`: prompt and output exceed the context or the KV cache. `limited`: beyond the limits of its key. */
export type Outcome = 'done' | 'too_long' | 'limited' | Refusal

/** Observes a simulation; for tests and visualisations. */
export interface SimulationWatch {
  onOutcome?(request: SimulatedRequest, outcome: Outcome, now: number): void
  /** The request is queued, until `dueAt` if it has a deadline. */
  onEnter?(request: SimulatedRequest, dueAt: number | undefined, now: number): void
  /** It moves from the queue to the process. */
  onStart?(request: SimulatedRequest, now: number): void
  /** It has its first token. */
  onFirst?(request: SimulatedRequest, now: number): void
  /** Prompt and output tokens computed since the last call. Not called for static batches. */
  onServed?(request: SimulatedRequest, promptTokens: number, outputTokens: number, now: number): void
  /** Nothing was computed for this long. Waiting requests are waiting for batch mates. */
  onIdle?(millis: number, waiting: number): void
  /** `running`: active sequences, including those still in their prompt. */
  onStep?(work: StepWork, running: number, millis: number): void
  onPass?(work: StepWork, texts: number, millis: number): void
}

export interface KeyReport {
  readonly requests: number
  readonly promptTokens: number
  readonly outputTokens: number
  readonly ttftP99Millis: number
}

export interface SimulationReport {
  readonly requests: number
  readonly outcomes: Readonly<Record<Outcome, number>>
  /** Until the outcome of the last request. */
  readonly simulatedMillis: number
  /** Completed requests per simulated second. */
  readonly requestsPerSecond: number
  readonly outputTokensPerSecond: number
  /** Generation requests, from arrival. */
  readonly ttftMillis: Percentiles | undefined
  readonly itlMillis: Percentiles | undefined
  readonly e2eMillis: Percentiles | undefined
  /** Embedding requests, from arrival. */
  readonly embedMillis: Percentiles | undefined
  readonly steps: number
  readonly passes: number
  /** Share of the time in which the engine computed. */
  readonly busy: number
  /** Means over all steps and passes. */
  readonly sequencesPerStep: number
  readonly textsPerPass: number
  readonly queue: { readonly mean: number; readonly max: number }
  /** Cells in use. */
  readonly cells: { readonly mean: number; readonly max: number; readonly atEnd: number }
  readonly cachedTokens: number
  readonly preemptions: number
  readonly keys: Readonly<Record<string, KeyReport>>
}

class KeyTally {
  requests = 0
  promptTokens = 0
  outputTokens = 0
  readonly ttft = new Histogram()
}

/** A time-weighted mean and maximum. */
class Level {
  #area = 0
  max = 0

  last(value: number, millis: number): void {
    this.#area += value * millis
    if (value > this.max) this.max = value
  }

  over(millis: number): { readonly mean: number; readonly max: number } {
    return { mean: millis === 0 ? 0 : this.#area / millis, max: this.max }
  }
}

/** Maximum number of keys counted separately, each of which costs memory; later ones are counted together. */
const maxKeys = 1000
const otherKeys = '(others)'

export class Tally {
  readonly #watch: SimulationWatch
  readonly #outcomes: Record<Outcome, number> = {
    done: 0,
    too_long: 0,
    limited: 0,
    queue_full: 0,
    deadline_unmet: 0,
  }
  readonly #ttft = new Histogram()
  readonly #itl = new Histogram()
  readonly #e2e = new Histogram()
  readonly #embed = new Histogram()
  readonly #queue = new Level()
  readonly #cells = new Level()
  readonly #keys = new Map<string, KeyTally>()
  #outputTokens = 0
  #steps = 0
  #passes = 0
  #busyMillis = 0
  #sequences = 0
  #texts = 0
  #cachedTokens = 0
  #preemptions = 0

  constructor(watch: SimulationWatch) {
    this.#watch = watch
  }

  step(work: StepWork, running: number, millis: number, cells: number): void {
    this.#cells.last(cells, millis)
    this.#steps += 1
    this.#sequences += running
    this.#busyMillis += millis
    this.#watch.onStep?.(work, running, millis)
  }

  pass(work: StepWork, texts: number, millis: number): void {
    this.#passes += 1
    this.#texts += texts
    this.#busyMillis += millis
    this.#watch.onPass?.(work, texts, millis)
  }

  gaps(millis: number, sequences: number): void {
    this.#itl.add(millis, sequences)
  }

  first({ request }: Job, now: number): void {
    const millis = now - request.arrivalMillis
    this.#ttft.add(millis)
    this.#keyOf(request).ttft.add(millis)
    this.#watch.onFirst?.(request, now)
  }

  get watchesService(): boolean {
    return this.#watch.onServed !== undefined
  }

  served({ request }: Job, promptTokens: number, outputTokens: number, now: number): void {
    if (promptTokens > 0 || outputTokens > 0) this.#watch.onServed?.(request, promptTokens, outputTokens, now)
  }

  cached(tokens: number): void {
    this.#cachedTokens += tokens
  }

  preempt(): void {
    this.#preemptions += 1
  }

  done({ request }: Job, now: number): void {
    const { kind, arrivalMillis, promptTokens, outputTokens } = request
    const key = this.#keyOf(request)
    key.requests += 1
    key.promptTokens += promptTokens
    key.outputTokens += outputTokens
    this.#outputTokens += outputTokens
    if (kind === 'embed') this.#embed.add(now - arrivalMillis)
    else this.#e2e.add(now - arrivalMillis)
    this.outcome(request, 'done', now)
  }

  outcome(request: SimulatedRequest, outcome: Outcome, now: number): void {
    this.#outcomes[outcome] += 1
    this.#watch.onOutcome?.(request, outcome, now)
  }

  /** `queue` requests waited for this long. */
  lasted(millis: number, queue: number): void {
    this.#queue.last(queue, millis)
  }

  report(simulatedMillis: number, cellsAtEnd: number): SimulationReport {
    const seconds = simulatedMillis / 1000
    const perSecond = (count: number): number => (seconds === 0 ? 0 : count / seconds)
    return {
      requests: Object.values(this.#outcomes).reduce((sum, count) => sum + count, 0),
      outcomes: { ...this.#outcomes },
      simulatedMillis,
      requestsPerSecond: perSecond(this.#outcomes.done),
      outputTokensPerSecond: perSecond(this.#outputTokens),
      ttftMillis: this.#ttft.summary,
      itlMillis: this.#itl.summary,
      e2eMillis: this.#e2e.summary,
      embedMillis: this.#embed.summary,
      steps: this.#steps,
      passes: this.#passes,
      busy: simulatedMillis === 0 ? 0 : this.#busyMillis / simulatedMillis,
      sequencesPerStep: this.#steps === 0 ? 0 : this.#sequences / this.#steps,
      textsPerPass: this.#passes === 0 ? 0 : this.#texts / this.#passes,
      queue: this.#queue.over(simulatedMillis),
      cells: { ...this.#cells.over(simulatedMillis), atEnd: cellsAtEnd },
      cachedTokens: this.#cachedTokens,
      preemptions: this.#preemptions,
      keys: Object.fromEntries(
        [...this.#keys].map(([key, { requests, promptTokens, outputTokens, ttft }]) => [
          key,
          { requests, promptTokens, outputTokens, ttftP99Millis: ttft.percentile(0.99) },
        ]),
      ),
    }
  }

  #keyOf({ key = '' }: SimulatedRequest): KeyTally {
    const name = this.#keys.has(key) || this.#keys.size < maxKeys ? key : otherKeys
    let tally = this.#keys.get(name)
    if (tally === undefined) {
      tally = new KeyTally()
      this.#keys.set(name, tally)
    }
    return tally
  }
}
