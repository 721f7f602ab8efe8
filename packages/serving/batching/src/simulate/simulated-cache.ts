/** The KV cache of the simulated engine: counts cells instead of holding keys and values. */

import type { KvCache } from '../admission.ts'
import { Reservations } from '../reservations.ts'
import type { StepScheduler } from '../step-scheduler.ts'
import { CellLedger } from './cell-ledger.ts'
import type { Job } from './job.ts'
import type { SimulatedService } from './simulated-service.ts'

/** Tolerance for fractional cells, where steps yield a fractional number of tokens on average. */
const rounding = 1e-6

/** Cells that a job gets on admission or resumption. */
interface Placement {
  /** Prefix tokens shared with others. */
  readonly shared: number
  /** Already computed tokens among `shared`. */
  readonly cached: number
  /** Cells that must be free. */
  readonly needed: number
}

export interface SimulatedCacheEvents {
  /** The job starts running; `cached` tokens of its prompt need not be computed. */
  admitted(job: Job, cached: number): void
  resumed(job: Job): void
  preempted(job: Job): void
  /** Tokens of a decoding job that its own fields do not include yet. */
  uncounted(job: Job): number
}

export class SimulatedCache implements KvCache<Job, Placement> {
  readonly ledger: CellLedger
  readonly #service: SimulatedService
  readonly #scheduler: StepScheduler<Job>
  readonly #events: SimulatedCacheEvents
  readonly #reservations: Reservations<Job>

  constructor(service: SimulatedService, scheduler: StepScheduler<Job>, events: SimulatedCacheEvents) {
    this.ledger = new CellLedger(service.cells)
    this.#service = service
    this.#scheduler = scheduler
    this.#events = events
    this.#reservations = new Reservations(service.preemption)
  }

  place(job: Job): Placement | undefined {
    const { prefix, promptTokens, outputTokens } = job.request
    const tokens = promptTokens + job.outputTokens
    const cells = this.#reservations.cellsFor(tokens, outputTokens - job.outputTokens)
    if (job.isPreempted || !this.#service.sharesPrefixes || prefix === undefined)
      return { shared: 0, cached: 0, needed: cells }
    const state = this.ledger.prefix(prefix.id)
    if (state === 'computing') return undefined
    const wanted = Math.min(prefix.tokens, promptTokens - 1)
    const shared = state === 'ready' ? Math.min(wanted, this.ledger.prefixTokens(prefix.id)) : wanted
    return {
      shared,
      cached: state === 'ready' ? shared : 0,
      needed: cells - shared + this.ledger.prefixCost(prefix.id, shared),
    }
  }

  waitsForPrefix(job: Job): boolean {
    return this.place(job) === undefined
  }

  hasCellsFor(_: Job, { needed }: Placement): boolean {
    const reserved = this.#reservations.outstanding(
      (job) => job.sharedTokens + job.cells + this.#events.uncounted(job),
    )
    return needed + reserved <= this.ledger.free + rounding
  }

  canGrow(cells: number): boolean {
    return cells <= this.ledger.free + rounding
  }

  canPreempt(): boolean {
    return true
  }

  admit(job: Job, { shared, cached }: Placement): boolean {
    const { promptTokens, outputTokens, prefix } = job.request
    const said = job.outputTokens
    this.#reservations.begin(job, promptTokens + said, outputTokens - said)
    const isMoved = job.isPreempted || cached > 0
    if (job.isPreempted) {
      job.isPreempted = false
      this.ledger.take(job.context)
      job.cells = job.context
      // Its last token is the input for the next one.
      job.promptLeft = Math.max(1, job.promptLeft)
      this.#events.resumed(job)
    } else {
      if (shared > 0) this.ledger.use(prefix!.id, shared)
      job.sharedTokens = shared
      job.computesPrefix = shared > 0 && cached === 0
      job.context = cached
      job.promptLeft = promptTokens - cached
      this.#events.admitted(job, cached)
    }
    this.#scheduler.admit(job, job.promptLeft)
    return isMoved
  }

  preempt(job: Job): void {
    this.#events.preempted(job)
    // A partially computed prefix is lost: the job starts over.
    job.isPreempted = !job.computesPrefix
    this.release(job)
  }

  /** The next `tokens` of the job were computed. */
  append(job: Job, tokens: number): void {
    const growth = this.growthOf(job, tokens)
    this.ledger.take(growth)
    job.cells += growth
    job.context += tokens
  }

  /** Cells for its next `tokens`: those of a shared prefix are already allocated. */
  growthOf({ context, sharedTokens, cells }: Job, tokens: number): number {
    return Math.max(0, context + tokens - sharedTokens) - cells
  }

  /** Releases all its cells. */
  release(job: Job): void {
    this.#scheduler.remove(job)
    this.#reservations.end(job)
    this.ledger.give(job.cells)
    job.cells = 0
    if (job.sharedTokens > 0) this.ledger.leave(job.request.prefix!.id)
    job.sharedTokens = 0
    job.computesPrefix = false
  }
}
