/**
 * Generation as the engine process does it: slots and cells, the work of each step, preemption. A step without admissions,
 * completions and prompts costs a few additions, however many sequences decode.
 */

import { Admission } from '../admission.ts'
import type { PrefillChunk, StepPlan } from '../plan-step.ts'
import { prefillBound, StepCosts } from '../step-costs.ts'
import { StepScheduler } from '../step-scheduler.ts'
import type { CellLedger } from './cell-ledger.ts'
import type { Job } from './job.ts'
import { SimulatedCache } from './simulated-cache.ts'
import type { SimulatedLine } from './simulated-line.ts'
import type { SimulatedCosts, SimulatedService } from './simulated-service.ts'
import type { Tally } from './tally.ts'

/** Cost of a new token, in prompt tokens. */
const newTokenCost = 2

export class SimulatedSteps {
  readonly #cache: SimulatedCache
  readonly #admission: Admission<Job, unknown>
  /** Step costs as the engine learns them. */
  readonly #learnt = new StepCosts()
  readonly #service: SimulatedService
  readonly #costs: SimulatedCosts
  readonly #tally: Tally
  readonly #line: SimulatedLine
  readonly #scheduler: StepScheduler<Job>
  readonly #running = new Set<Job>()
  readonly #decoding = new Set<Job>()
  readonly #tokensPerStep: number
  readonly #work = { decodeTokens: 0, prefillTokens: 0, attendedTokens: 0 }
  /** Valid until a sequence joins or leaves, or a prompt is computed. */
  #plan: StepPlan<Job> | undefined
  #steps = 0
  #nextEnd = Number.POSITIVE_INFINITY
  /** Context tokens of the decoding sequences. */
  #context = 0
  #lastStepAt = 0
  /** For restoring preempted sequences, since the last step. */
  #restoreMillis = 0

  constructor(service: SimulatedService, costs: SimulatedCosts, tally: Tally, line: SimulatedLine) {
    this.#service = service
    this.#costs = costs
    this.#tally = tally
    this.#line = line
    this.#tokensPerStep = service.speculation?.tokensPerStep ?? 1
    this.#scheduler = new StepScheduler({ ...service, stepsPerTurn: 1 })
    this.#cache = new SimulatedCache(service, this.#scheduler, {
      admitted: (job, cached) => {
        job.cached = cached
        this.#tally.cached(cached)
        if (cached > 0) this.#line.correct(job, -cached)
        this.#start(job)
      },
      resumed: (job) => {
        this.#restoreMillis += this.#costs.restoreMillis(job.context)
        this.#start(job)
      },
      preempted: (job) => {
        if (job.isDecoding) this.#stopDecoding(job)
        job.lastAt = this.#lastStepAt
        this.#tally.preempt()
        this.#stop(job)
      },
      uncounted: (job) => (job.isDecoding ? (this.#steps - job.sinceStep) * this.#tokensPerStep : 0),
    })
    const { preemption, agingMillis, maxPrefillTokensWhileDecoding, copyTokens } = service
    this.#admission = new Admission(this.#cache, {
      hasRoom: () => this.#scheduler.hasRoom(),
      preemption,
      agingMillis,
      maxMoves: Math.max(1, Math.floor(maxPrefillTokensWhileDecoding / copyTokens)),
    })
  }

  /** In the process, without a slot. */
  get waiting(): number {
    return this.#admission.waiting
  }

  get isEmpty(): boolean {
    return this.#running.size === 0 && this.waiting === 0
  }

  get cells(): CellLedger {
    return this.#cache.ledger
  }

  add(job: Job): void {
    this.#admission.enter(job, job.place.priority, job.request.arrivalMillis)
  }

  /** Makes a step; returns its end time, or undefined if no sequence is running. */
  step(now: number): number | undefined {
    this.#admission.admit(now)
    if (this.#running.size === 0) return undefined
    const from = now + this.#restoreMillis
    this.#restoreMillis = 0
    const plan = this.#planned(from)
    const work = this.#work
    const millis = this.#costs.stepMillis(work)
    const after = from + millis
    if (this.#service.sloItlMillis !== undefined) this.#learnt.record(work, millis)
    this.#tally.step(work, this.#running.size, after - now, this.cells.used)
    const gap = after - this.#lastStepAt
    this.#steps += 1
    this.#lastStepAt = after
    this.#context += this.#decoding.size * this.#tokensPerStep
    this.#tally.gaps(gap, this.#decoding.size)
    const finished = this.#scheduler.commit(plan)
    if (plan.prefills.length > 0) this.#readPrompts(plan.prefills, finished, after)
    if (this.#steps >= this.#nextEnd) this.#endDecoding(after)
    if (this.#tally.watchesService)
      for (const job of this.#running) this.#notify(job, this.#tokensOf(job), after)
    return after
  }

  /** Charges keys for the tokens given since the last call. */
  charge(): void {
    for (const job of this.#running) this.#chargeFor(job, this.#tokensOf(job))
  }

  /** A plan for which all cells are available. */
  #planned(now: number): StepPlan<Job> {
    const plan = this.#admission.planWithinCells(
      () => this.#plan ?? this.#planAnew(),
      now,
      ({ decodes, prefills }) =>
        prefills.reduce(
          (cells, { id, tokens }) => cells + this.#cache.growthOf(id, tokens),
          decodes.length * this.#tokensPerStep,
        ),
    )
    this.cells.take(plan.decodes.length * this.#tokensPerStep)
    this.#setWork(plan)
    return plan
  }

  #planAnew(): StepPlan<Job> {
    const { prompts, maxBatchTokens } = this.#service
    const plan =
      prompts === 'whole'
        ? wholePrompts(this.#scheduler.plan(0), this.#running, maxBatchTokens)
        : this.#scheduler.plan(this.#prefillBound())
    if (plan.prefills.length === 0) this.#plan = plan
    return plan
  }

  #setWork({ decodes, prefills }: StepPlan<Job>): void {
    let prefillTokens = 0
    let attendedTokens = this.#context
    for (const { id, tokens } of prefills) {
      prefillTokens += tokens
      attendedTokens += tokens * (id.context + tokens / 2)
    }
    const { speculation, maxBatchTokens } = this.#service
    const drafts = decodes.length * (speculation?.draftTokens ?? 0)
    const room = maxBatchTokens - decodes.length - prefillTokens
    this.#work.decodeTokens = decodes.length + Math.min(drafts, room)
    this.#work.prefillTokens = prefillTokens
    this.#work.attendedTokens = attendedTokens
  }

  #prefillBound(): number | undefined {
    const { sloItlMillis } = this.#service
    if (sloItlMillis === undefined || this.#decoding.size === 0) return undefined
    let context = 0
    for (const { id } of this.#scheduler.plan().prefills) context = Math.max(context, id.context)
    const decodes = { decodeTokens: this.#decoding.size, prefillTokens: 0, attendedTokens: this.#context }
    return prefillBound(this.#learnt, sloItlMillis, decodes, context)
  }

  #readPrompts(
    chunks: readonly PrefillChunk<Job>[],
    finished: readonly PrefillChunk<Job>[],
    now: number,
  ): void {
    for (const { id: job, tokens } of chunks) {
      job.promptLeft -= tokens
      this.#cache.append(job, tokens)
    }
    for (const { id: job } of finished) {
      if (job.computesPrefix) this.cells.ready(job.request.prefix!.id)
      job.computesPrefix = false
      if (Number.isNaN(job.firstAt)) {
        job.firstAt = now
        this.#tally.first(job, now)
        this.#line.gaveFirst(job, now)
      } else {
        this.#tally.gaps(now - job.lastAt, 1)
        job.stepsLeft -= 1
      }
      if (job.stepsLeft <= 0) this.#end(job, now)
      else this.#decode(job)
    }
  }

  #decode(job: Job): void {
    job.isDecoding = true
    job.sinceStep = this.#steps
    job.endStep = this.#steps + job.stepsLeft
    this.#decoding.add(job)
    this.#context += job.context
    this.#nextEnd = Math.min(this.#nextEnd, job.endStep)
  }

  #stopDecoding(job: Job): void {
    const steps = this.#steps - job.sinceStep
    const tokens = steps * this.#tokensPerStep
    job.isDecoding = false
    job.stepsLeft -= steps
    job.context += tokens
    job.cells += tokens
    this.#decoding.delete(job)
    this.#context -= job.context
  }

  #endDecoding(now: number): void {
    for (const job of this.#decoding) {
      if (job.endStep > this.#steps) continue
      this.#stopDecoding(job)
      this.#end(job, now)
    }
    this.#nextEnd = Number.POSITIVE_INFINITY
    for (const { endStep } of this.#decoding) this.#nextEnd = Math.min(this.#nextEnd, endStep)
  }

  #end(job: Job, now: number): void {
    this.#chargeFor(job, job.request.outputTokens)
    this.#notify(job, job.request.outputTokens, now)
    this.#leave(job)
    this.#line.end(job, now)
    this.#tally.done(job, now)
  }

  #leave(job: Job): void {
    this.#admission.remove(job)
    this.#stop(job)
    this.#cache.release(job)
  }

  #start(job: Job): void {
    this.#running.add(job)
    this.#plan = undefined
  }

  #stop(job: Job): void {
    this.#running.delete(job)
    this.#plan = undefined
  }

  #tokensOf(job: Job): number {
    if (!job.isDecoding) return job.outputTokens
    const ahead = this.#steps - job.sinceStep
    return Math.max(1, job.request.outputTokens - (job.stepsLeft - ahead) * this.#tokensPerStep)
  }

  /** Reports what was computed since the last call. Recomputed tokens do not count. */
  #notify(job: Job, outputTokens: number, now: number): void {
    const prompt = Math.max(0, job.request.promptTokens - job.cached - job.promptLeft - job.reportedPrompt)
    const output = Math.max(0, outputTokens - job.reportedOutput)
    job.reportedPrompt += prompt
    job.reportedOutput += output
    this.#tally.served(job, prompt, output, now)
  }

  #chargeFor(job: Job, tokens: number): void {
    const more = tokens - job.charged
    if (more <= 0) return
    job.charged = tokens
    this.#line.correct(job, more * newTokenCost)
  }
}

/** The remaining budget goes to the first prompt, then to the next, as in llama-server. */
function wholePrompts(
  { group, decodes }: StepPlan<Job>,
  running: Iterable<Job>,
  maxBatchTokens: number,
): StepPlan<Job> {
  const prefills: PrefillChunk<Job>[] = []
  let left = maxBatchTokens - decodes.length
  for (const job of running) {
    const tokens = Math.min(left, job.promptLeft)
    if (tokens > 0) prefills.push({ id: job, tokens })
    left -= tokens
  }
  return { group, decodes, prefills }
}
