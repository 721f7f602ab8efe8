/**
 * Simulates a service under traffic in virtual time: the queues, plans and limits are the production ones, and computation is
 * replaced by its cost. Deterministic and pure.
 */

import { PassShare } from '../pass-share.ts'
import { Job } from './job.ts'
import { KeyLimits } from './key-limits.ts'
import { SimulatedLine, type SimulatedLineOptions } from './simulated-line.ts'
import { SimulatedPasses } from './simulated-passes.ts'
import { type SimulatedCosts, type SimulatedService, simulatedDefaults } from './simulated-service.ts'
import { SimulatedSteps } from './simulated-steps.ts'
import { simulateStatic } from './static-batches.ts'
import { type SimulationReport, type SimulationWatch, Tally } from './tally.ts'
import type { SimulatedRequest } from './traffic.ts'

/** Passes' worth of requests sent to the process ahead of time. */
const passesAhead = 2

/**
 * `traffic` is in order of arrival. Throws RangeError for settings that no engine accepts.
 *
 * @example
 * ```ts
 * import { drawTraffic, simulate, simulatedCosts } from '@hadal/batching'
 *
 * const report = simulate(
 *   drawTraffic({
 *     arrivals: { kind: 'poisson', requestsPerSecond: 2 },
 *     sorts: [{ share: 1, kind: 'generate', promptTokens: { kind: 'fixed', tokens: 200 }, outputTokens: { kind: 'fixed', tokens: 50 } }],
 *     requests: 100,
 *     seed: 1,
 *   }),
 *   { maxBatchSize: 8 },
 *   simulatedCosts({ step: { perStep: 20, perDecodeToken: 0.5, perPrefillToken: 0.2, perAttendedToken: 0 } }), // milliseconds
 * )
 * report.outcomes.done // → 100
 * report.ttftMillis?.p99 // milliseconds
 * ```
 */
export function simulate(
  traffic: Iterable<SimulatedRequest>,
  settings: Partial<SimulatedService>,
  costs: SimulatedCosts,
  watch: SimulationWatch = {},
): SimulationReport {
  const service = { ...simulatedDefaults, ...settings }
  return service.batches === 'static'
    ? simulateStatic(traffic, service, costs, watch)
    : new Simulation(service, costs, watch).run(traffic)
}

class Simulation {
  readonly #service: SimulatedService
  readonly #watch: SimulationWatch
  readonly #tally: Tally
  readonly #lines: { readonly generate: SimulatedLine; readonly embed: SimulatedLine }
  readonly #steps: SimulatedSteps
  readonly #passes: SimulatedPasses
  readonly #share = new PassShare()
  readonly #limits: KeyLimits
  #jobs = 0
  #now = 0

  constructor(service: SimulatedService, costs: SimulatedCosts, watch: SimulationWatch) {
    const { maxBatchSize, timeoutMicros, preemption } = service
    const charge = (): void => this.#steps.charge()
    const onEnter: SimulatedLineOptions['onEnter'] = ({ request }, dueAt, now) =>
      watch.onEnter?.(request, dueAt, now)
    this.#watch = watch
    this.#service = service
    this.#limits = new KeyLimits(service.keyLimits)
    this.#tally = new Tally(this.#watchingLimits(watch))
    this.#lines = {
      generate: new SimulatedLine({
        service,
        places: maxBatchSize,
        timeoutMicros,
        canPreempt: preemption,
        charge,
        onEnter,
      }),
      embed: new SimulatedLine({
        service: { ...service, sloTtftMillis: undefined },
        places: maxBatchSize * passesAhead,
        timeoutMicros,
        enough: { jobs: maxBatchSize, tokens: service.maxBatchTokens },
        canPreempt: false,
        charge: () => {},
        onEnter,
      }),
    }
    this.#steps = new SimulatedSteps(service, costs, this.#tally, this.#lines.generate)
    this.#passes = new SimulatedPasses(service, costs, this.#tally, this.#lines.embed)
  }

  run(traffic: Iterable<SimulatedRequest>): SimulationReport {
    const arrivals = traffic[Symbol.iterator]()
    let next = arrivals.next()
    while (true) {
      for (; !next.done && next.value.arrivalMillis <= this.#now; next = arrivals.next())
        this.#enter(next.value)
      this.#dispatch()
      const before = this.#now
      if (!this.#work()) {
        const arrival = next.done ? Number.POSITIVE_INFINITY : next.value.arrivalMillis
        const wakeAt = Math.min(arrival, this.#wakeAt())
        if (wakeAt === Number.POSITIVE_INFINITY) break
        this.#now = Math.max(this.#now, wakeAt)
        this.#watch.onIdle?.(this.#now - before, this.#waiting + this.#steps.waiting)
      }
      this.#tally.lasted(this.#now - before, this.#waiting)
    }
    return this.#tally.report(this.#now, this.#steps.cells.used)
  }

  /** A request that ends frees capacity of its key. */
  #watchingLimits(watch: SimulationWatch): SimulationWatch {
    if (Object.keys(this.#service.keyLimits).length === 0) return watch
    return {
      onFirst: (...all) => watch.onFirst?.(...all),
      ...(watch.onServed !== undefined && { onServed: (...all) => watch.onServed?.(...all) }),
      onStep: (...all) => watch.onStep?.(...all),
      onPass: (...all) => watch.onPass?.(...all),
      onOutcome: (request, outcome, now) => {
        const { key = '', promptTokens, outputTokens } = request
        if (outcome !== 'limited' && outcome !== 'too_long')
          this.#limits.leave(key, outcome === 'done' ? 0 : promptTokens + outputTokens)
        watch.onOutcome?.(request, outcome, now)
      },
    }
  }

  get #waiting(): number {
    return this.#lines.generate.size + this.#lines.embed.size
  }

  #enter(request: SimulatedRequest): void {
    const { order, speculation, cells, contextLength } = this.#service
    const { arrivalMillis: now, kind, key = '', priority = 0, promptTokens, outputTokens } = request
    const place =
      order === 'fifo' ? { key: '', priority: 0, tokens: 1 } : { key, priority, tokens: promptTokens }
    const job = new Job(this.#jobs, request, place, speculation?.tokensPerStep ?? 1)
    this.#jobs += 1
    const needs = promptTokens + job.stepsLeft * (speculation?.tokensPerStep ?? 1)
    const isTooLong = kind === 'generate' && needs > Math.min(cells, contextLength)
    const refusal = isTooLong
      ? 'too_long'
      : this.#limits.enter(key, promptTokens + outputTokens, now)
        ? this.#lines[kind].enter(job, now)
        : 'limited'
    if (refusal !== undefined) this.#tally.outcome(request, refusal, now)
  }

  #dispatch(): void {
    const { generate, embed } = this.#lines
    for (const line of [generate, embed])
      for (const { request } of line.removeLate(this.#now))
        this.#tally.outcome(request, 'deadline_unmet', this.#now)
    if (generate.size > 0)
      for (const job of generate.dispatch(this.#now)) this.#start(job, () => this.#steps.add(job))
    if (embed.size > 0)
      for (const job of embed.dispatch(this.#now)) this.#start(job, () => this.#passes.add(job))
  }

  #start({ request }: Job, add: () => void): void {
    this.#watch.onStart?.(request, this.#now)
    add()
  }

  /** One step and one pass, if there is work for them; false: nothing could be done now. */
  #work(): boolean {
    const begun = this.#now
    const stepped = this.#steps.isEmpty ? undefined : this.#steps.step(begun)
    if (stepped !== undefined) {
      this.#now = stepped
      this.#share.stepped(stepped - begun)
    }
    // `mayPass` must be called every turn: it records whether sequences are generating.
    const mayPass = this.#share.mayPass()
    const { generating } = this.#share
    if (!mayPass || this.#passes.isEmpty) return stepped !== undefined
    const passed = this.#passes.pass(this.#now, generating)
    this.#share.passed(passed - this.#now)
    this.#now = passed
    return true
  }

  #wakeAt(): number {
    const { generate, embed } = this.#lines
    return Math.min(generate.wakeAt(this.#now), embed.wakeAt(this.#now))
  }
}
