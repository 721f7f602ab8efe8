/**
 * Generation as the engine process does it: who gets a place and cells, what each step computes, who must make way. A step in
 * which nobody comes, goes or reads a prompt costs a few additions, however many decode.
 */

import type { PrefillChunk, StepPlan } from '../plan-step.ts'
import { StepScheduler } from '../step-scheduler.ts'
import { CellLedger } from './cell-ledger.ts'
import type { Job } from './job.ts'
import { mayTakePlaceOf, type SimulatedLine } from './simulated-line.ts'
import type { SimulatedCosts, SimulatedService } from './simulated-service.ts'
import type { Tally } from './tally.ts'

/** Cells that a sequence gets beyond its prompt when it begins. */
const margin = 64
/** However short a step should be, a prompt progresses by so many tokens. */
const leastPrefill = 8
/** Of cells, where steps give a part of a token on average. */
const rounding = 1e-6
/** What a new token costs, in tokens of a prompt. */
const newTokenCost = 2

export class SimulatedSteps {
  readonly cells: CellLedger
  readonly #service: SimulatedService
  readonly #costs: SimulatedCosts
  readonly #tally: Tally
  readonly #line: SimulatedLine
  readonly #scheduler: StepScheduler<Job>
  /** Came to the process, or were put aside; to be sorted by `#comesBefore`. */
  readonly #candidates: Job[] = []
  readonly #running = new Set<Job>()
  readonly #decoding = new Set<Job>()
  readonly #tokensPerStep: number
  readonly #work = { decodeTokens: 0, prefillTokens: 0, attendedTokens: 0 }
  /** As long as nobody comes or goes and no prompt is read. */
  #plan: StepPlan<Job> | undefined
  #steps = 0
  #nextEnd = Number.POSITIVE_INFINITY
  /** Tokens that those who decode hold. */
  #context = 0
  #lastStepAt = 0
  #seniority = 0
  /** Somebody may have a place who had none before. */
  #mayAdmit = false

  constructor(service: SimulatedService, costs: SimulatedCosts, tally: Tally, line: SimulatedLine) {
    this.#service = service
    this.#costs = costs
    this.#tally = tally
    this.#line = line
    this.#tokensPerStep = service.speculation?.tokensPerStep ?? 1
    this.cells = new CellLedger(service.cells)
    this.#scheduler = new StepScheduler({ ...service, stepsPerTurn: 1 })
  }

  /** In the process, without a place. */
  get waiting(): number {
    return this.#candidates.length
  }

  get isEmpty(): boolean {
    return this.#running.size === 0 && this.#candidates.length === 0
  }

  add(job: Job): void {
    this.#seniority += 1
    job.seniority = this.#seniority
    this.#wait(job)
  }

  /** Makes a step; returns when it ended, or undefined where there is nobody at work. */
  step(now: number): number | undefined {
    const from = this.#mayAdmit ? now + this.#admit(now) : now
    if (this.#running.size === 0) return undefined
    const plan = this.#planned(from)
    const work = this.#work
    const after = from + this.#costs.stepMillis(work)
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
      for (const job of this.#running) this.#tell(job, this.#tokensOf(job), after)
    return after
  }

  /** Charges keys for the tokens that they were given since this was last called. */
  charge(): void {
    for (const job of this.#running) this.#chargeFor(job, this.#tokensOf(job))
  }

  /** With cells for the tokens to come of those who decode; prompts have theirs. */
  #planned(now: number): StepPlan<Job> {
    while (true) {
      const plan = this.#plan ?? this.#planAnew()
      const needed = this.#service.preemption ? plan.decodes.length * this.#tokensPerStep : 0
      if (this.cells.free >= needed - rounding) {
        this.cells.take(needed)
        this.#setWork(plan)
        return plan
      }
      this.#putAside(this.#leastUrgent(now)!)
    }
  }

  #planAnew(): StepPlan<Job> {
    const { prompts, maxBatchTokens } = this.#service
    const plan =
      prompts === 'whole'
        ? wholePrompts(this.#scheduler.plan(0), this.#running, maxBatchTokens)
        : this.#scheduler.plan(this.#prefillBesideDecodes())
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

  /** As the engine does it, by what steps cost: the longest prompt that is read looks back at most. */
  #prefillBesideDecodes(): number | undefined {
    const { sloItlMillis } = this.#service
    if (sloItlMillis === undefined || this.#decoding.size === 0) return undefined
    let context = 0
    for (const { id, tokens } of this.#scheduler.plan().prefills)
      context = Math.max(context, id.context + tokens)
    const decodes = { decodeTokens: this.#decoding.size, prefillTokens: 0, attendedTokens: this.#context }
    const bare = this.#costs.stepMillis(decodes)
    const one = { ...decodes, prefillTokens: 1, attendedTokens: this.#context + context }
    const perToken = this.#costs.stepMillis(one) - bare
    return Math.max(leastPrefill, perToken <= 0 ? Infinity : Math.floor((sloItlMillis - bare) / perToken))
  }

  #readPrompts(
    chunks: readonly PrefillChunk<Job>[],
    finished: readonly PrefillChunk<Job>[],
    now: number,
  ): void {
    for (const { id: job, tokens } of chunks) {
      job.promptLeft -= tokens
      job.context += tokens
    }
    for (const { id: job } of finished) {
      if (job.computesPrefix) this.cells.ready(job.request.prefix!.id)
      if (job.computesPrefix) this.#mayAdmit = true
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
    if (this.#service.preemption) job.cells += tokens
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
    this.#tell(job, job.request.outputTokens, now)
    this.#leave(job)
    this.#line.end(job, now)
    this.#tally.done(job, now)
  }

  #leave(job: Job): void {
    this.#running.delete(job)
    this.#scheduler.remove(job)
    this.#plan = undefined
    this.#mayAdmit = true
    this.cells.give(job.cells)
    job.cells = 0
    if (job.sharesPrefix) this.cells.leave(job.request.prefix!.id)
    job.sharesPrefix = false
  }

  #tokensOf(job: Job): number {
    if (Number.isNaN(job.firstAt)) return 0
    const ahead = job.isDecoding ? this.#steps - job.sinceStep : 0
    const { outputTokens } = job.request
    return Math.max(1, outputTokens - (job.stepsLeft - ahead) * this.#tokensPerStep)
  }

  /** What was computed of it since. What is computed again is nothing more. */
  #tell(job: Job, outputTokens: number, now: number): void {
    const prompt = Math.max(0, job.request.promptTokens - job.cached - job.promptLeft - job.toldPrompt)
    const output = Math.max(0, outputTokens - job.toldOutput)
    job.toldPrompt += prompt
    job.toldOutput += output
    this.#tally.served(job, prompt, output, now)
  }

  #chargeFor(job: Job, tokens: number): void {
    const more = tokens - job.charged
    if (more <= 0) return
    job.charged = tokens
    this.#line.correct(job, more * newTokenCost)
  }

  /** Returns the milliseconds that bringing back took. */
  #admit(now: number): number {
    let millis = 0
    if (this.#candidates.length > 1) this.#candidates.sort((a, b) => this.#compare(a, b, now))
    this.#mayAdmit = false
    for (let at = 0; at < this.#candidates.length; ) {
      const job = this.#candidates[at]!
      // Nobody makes way for one that would wait then.
      if (this.#need(job) === undefined || (!this.#scheduler.hasRoom() && !this.#makesWay(job, now))) {
        at += 1
        continue
      }
      let need = this.#need(job)!
      while (need.toBegin > this.cells.free + rounding) {
        if (!this.#makesWay(job, now)) return millis
        // Who made way may have held the beginning that this one shares.
        need = this.#need(job)!
      }
      // One that made way may have come before it in line.
      this.#candidates.splice(this.#candidates.indexOf(job), 1)
      millis += this.#begin(job, need, now)
    }
    return millis
  }

  /** Cells; undefined while another computes its beginning. */
  #need(job: Job): Need | undefined {
    const { prefix, promptTokens } = job.request
    const { preemption, sharesPrefixes } = this.#service
    const toCome = job.stepsLeft * this.#tokensPerStep
    const more = preemption ? Math.min(margin, toCome) : toCome
    if (job.isAside) {
      const own = job.context + job.promptLeft
      return { shared: 0, own, toBegin: own + more, cached: 0 }
    }
    const wanted = !sharesPrefixes || prefix === undefined ? 0 : Math.min(prefix.tokens, promptTokens - 1)
    const state = wanted === 0 ? 'absent' : this.cells.prefix(prefix!.id)
    if (state === 'computing') return undefined
    const shared = state === 'ready' ? Math.min(wanted, this.cells.prefixTokens(prefix!.id)) : wanted
    const own = promptTokens - shared
    const prefixCost = shared === 0 ? 0 : this.cells.prefixCost(prefix!.id, shared)
    return {
      shared,
      own: preemption ? own : own + toCome,
      toBegin: own + more + prefixCost,
      cached: state === 'ready' ? shared : 0,
    }
  }

  #begin(job: Job, { shared, own, cached }: Need, now: number): number {
    let millis = 0
    job.waitedMillis += now - job.waitsSince
    job.waitsSince = Number.NaN
    this.#running.add(job)
    if (shared > 0) {
      this.cells.use(job.request.prefix!.id, shared)
      job.sharesPrefix = true
      job.computesPrefix = cached === 0
    }
    job.cells = own
    this.cells.take(own)
    if (job.isAside) {
      job.isAside = false
      millis = this.#costs.restoreMillis(job.context)
      // What comes next is computed from its last token.
      if (job.promptLeft === 0) job.context -= 1
      job.promptLeft = Math.max(1, job.promptLeft)
    } else {
      job.context = cached
      job.cached = cached
      job.promptLeft -= cached
      this.#tally.cached(cached)
      if (cached > 0) this.#line.correct(job, -cached)
    }
    this.#plan = undefined
    this.#scheduler.admit(job, job.promptLeft)
    return millis
  }

  /** One less urgent is put aside. */
  #makesWay(job: Job, now: number): boolean {
    if (!this.#service.preemption) return false
    const victim = this.#leastUrgent(now)
    if (victim === undefined || !mayTakePlaceOf(job, victim, now, this.#service)) return false
    this.#putAside(victim)
    return true
  }

  #leastUrgent(now: number): Job | undefined {
    let least: Job | undefined
    for (const job of this.#running)
      if (least === undefined || this.#compare(least, job, now) < 0) least = job
    return least
  }

  /** The most urgent first, then the most senior. */
  #compare(a: Job, b: Job, now: number): number {
    const { agingMillis } = this.#service
    return a.urgency(now, agingMillis) - b.urgency(now, agingMillis) || a.seniority - b.seniority
  }

  #putAside(job: Job): void {
    if (job.isDecoding) this.#stopDecoding(job)
    job.lastAt = this.#lastStepAt
    job.waitsSince = this.#lastStepAt
    job.isAside = !job.computesPrefix
    // Nothing of it is whole: it begins anew.
    if (job.computesPrefix) job.promptLeft = job.request.promptTokens
    job.computesPrefix = false
    this.#tally.putAside()
    this.#leave(job)
    this.#wait(job)
  }

  #wait(job: Job): void {
    this.#candidates.push(job)
    this.#mayAdmit = true
  }
}

interface Need {
  /** Tokens of the beginning that it shares. */
  readonly shared: number
  /** Cells of its own that it takes. */
  readonly own: number
  /** Cells that must be free. */
  readonly toBegin: number
  /** Tokens that need not be computed. */
  readonly cached: number
}

/** What is left of the step goes to the first prompt, then to the next: as llama-server does it. */
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
