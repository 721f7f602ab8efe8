/**
 * Decides which waiting sequences join the running batch and which running sequences are preempted, either for a more urgent
 * one or because KV cache cells run short. The engine and the simulator share this class; `KvCache` hides what the cache holds.
 * Deterministic; the time is an argument.
 */

import type { StepPlan } from './plan-step.ts'
import { urgency } from './urgency.ts'

/** The KV cache as admission sees it. `Placement` is defined by the cache: where a sequence goes and what is already there. */
export interface KvCache<Id, Placement> {
  /**
   * Where a waiting sequence can go now. Undefined if it should wait because a running sequence is computing the same prefix.
   */
  place(id: Id): Placement | undefined
  /** Whether it would have to wait for a prefix even if the batch had a free slot. */
  waitsForPrefix(id: Id): boolean
  /** Whether the placement has enough unreserved cells for it. Evicts cached prefixes if necessary. */
  hasCellsFor(id: Id, placement: Placement): boolean
  /** Whether the running sequences can grow by this many cells in total. Evicts cached prefixes if necessary. */
  canGrow(cells: number): boolean
  /** Whether this running sequence can be preempted now and resumed later. */
  canPreempt(id: Id): boolean
  /** Admits or resumes the sequence. Returns whether keys and values are moved for it. */
  admit(id: Id, placement: Placement): boolean
  /** Releases its cells until it is admitted again. */
  preempt(id: Id): void
}

export interface AdmissionOptions {
  /** Whether the batch has a free slot. */
  readonly hasRoom: () => boolean
  /** Whether running sequences may be preempted. */
  readonly preemption: boolean
  /** Milliseconds of waiting that raise urgency by one priority. */
  readonly agingMillis: number
  /** Maximum number of sequences whose keys and values are moved between two steps; more would delay the running ones. */
  readonly maxMoves: number
}

interface Entry<Id> {
  readonly id: Id
  /** Lower is more urgent. */
  readonly priority: number
  /** Arrival order. */
  readonly order: number
  /** Total time without a slot in the batch, up to its last admission. */
  waitedMillis: number
  waitsSince: number
  isPreempted: boolean
}

type Outcome = 'admitted' | 'waits for others' | 'waits for cells'

/**
 * Admits waiting sequences and preempts running ones. Call `admit` before each step, and `remove` when a sequence ends.
 *
 * @example
 * ```ts
 * import { Admission } from '@hadal/batching'
 *
 * const cells = new Map<string, number>()
 * const cache = {
 *   place: () => 'anywhere',
 *   waitsForPrefix: () => false,
 *   hasCellsFor: () => true,
 *   canGrow: () => true,
 *   canPreempt: () => true,
 *   admit: (id: string) => {
 *     cells.set(id, 100)
 *     return false
 *   },
 *   preempt: (id: string) => void cells.delete(id),
 * }
 * const admission: Admission<string, string> = new Admission(cache, {
 *   hasRoom: () => admission.running < 1,
 *   preemption: true,
 *   agingMillis: 10_000,
 *   maxMoves: 8,
 * })
 * admission.enter('batch job', 5, 0)
 * admission.admit(0)
 * admission.enter('chat', 1, 20)
 * admission.admit(20)
 * admission.takePreempted() // → [ 'batch job' ]
 * ```
 */
export class Admission<Id, Placement> {
  readonly #cache: KvCache<Id, Placement>
  readonly #options: AdmissionOptions
  readonly #waiting = new Map<Id, Entry<Id>>()
  readonly #running = new Map<Id, Entry<Id>>()
  #preempted: Id[] = []
  #entered = 0
  #moves = 0

  constructor(cache: KvCache<Id, Placement>, options: AdmissionOptions) {
    this.#cache = cache
    this.#options = options
  }

  get waiting(): number {
    return this.#waiting.size
  }

  get running(): number {
    return this.#running.size
  }

  /** Queues a sequence that arrived at `arrivedAt`, in milliseconds. */
  enter(id: Id, priority: number, arrivedAt: number): void {
    const order = this.#entered
    this.#entered += 1
    this.#waiting.set(id, { id, priority, order, waitedMillis: 0, waitsSince: arrivedAt, isPreempted: false })
  }

  /** The sequence ended or was cancelled. Returns where it was. */
  remove(id: Id): 'running' | 'waiting' | undefined {
    if (this.#running.delete(id)) return 'running'
    return this.#waiting.delete(id) ? 'waiting' : undefined
  }

  /** Sequences preempted since the last call. */
  takePreempted(): readonly Id[] {
    const preempted = this.#preempted
    this.#preempted = []
    return preempted
  }

  /**
   * Admits the most urgent first; among equally urgent ones, preempted sequences first, then in order of arrival. The first
   * sequence that must wait for cells blocks the later ones, so that a long prompt gets its turn. A sequence that waits for a
   * prefix, or for a slot that cannot be freed by preemption, does not block.
   */
  admit(now: number): void {
    if (this.#waiting.size === 0) return
    this.#moves = 0
    const urgencies = new Map([...this.#waiting.values()].map((entry) => [entry, this.#urgency(entry, now)]))
    const line = [...this.#waiting.values()].sort(
      (a, b) =>
        urgencies.get(a)! - urgencies.get(b)! ||
        Number(b.isPreempted) - Number(a.isPreempted) ||
        a.order - b.order,
    )
    for (const next of line) {
      const outcome = this.#admit(next, now)
      if (outcome === 'waits for cells' || this.#moves === this.#options.maxMoves) return
    }
  }

  /**
   * Returns the first plan that fits into the free cells, preempting running sequences until one does. `cellsOf`: cells a plan
   * takes.
   */
  planWithinCells(
    plan: () => StepPlan<Id>,
    now: number,
    cellsOf: (plan: StepPlan<Id>) => number,
  ): StepPlan<Id> {
    for (;;) {
      const next = plan()
      const cells = cellsOf(next)
      if (this.#cache.canGrow(cells)) return next
      const victim = this.#minUrgent(now, () => true)
      if (victim === undefined || this.#running.size === 1)
        throw new Error(`there are no cells for ${cells} tokens`)
      this.#preempt(victim, now)
    }
  }

  #admit(next: Entry<Id>, now: number): Outcome {
    const { id } = next
    // Do not preempt for a sequence that would still have to wait.
    if (!this.#options.hasRoom() && (this.#cache.waitsForPrefix(id) || !this.#preemptFor(next, now)))
      return 'waits for others'
    for (;;) {
      const placement = this.#cache.place(id)
      if (placement === undefined) return 'waits for others'
      if (this.#cache.hasCellsFor(id, placement)) {
        this.#waiting.delete(id)
        next.waitedMillis += now - next.waitsSince
        this.#running.set(id, next)
        if (this.#cache.admit(id, placement)) this.#moves += 1
        return 'admitted'
      }
      if (!this.#preemptFor(next, now)) return 'waits for cells'
    }
  }

  /** Preempts a sequence of a less urgent priority, unless its waiting time makes it as urgent. False if there is none. */
  #preemptFor(next: Entry<Id>, now: number): boolean {
    if (!this.#options.preemption) return false
    const nextUrgency = this.#urgency(next, now)
    const victim = this.#minUrgent(
      now,
      (running) =>
        running.priority > next.priority &&
        this.#urgency(running, now) > nextUrgency &&
        this.#cache.canPreempt(running.id),
    )
    if (victim !== undefined) this.#preempt(victim, now)
    return victim !== undefined
  }

  /** Among equally urgent ones, the newest. */
  #minUrgent(now: number, isMeant: (running: Entry<Id>) => boolean): Entry<Id> | undefined {
    let least: Entry<Id> | undefined
    for (const entry of this.#running.values()) {
      const more = least === undefined ? 1 : this.#urgency(entry, now) - this.#urgency(least, now)
      if ((more > 0 || (more === 0 && entry.order > least!.order)) && isMeant(entry)) least = entry
    }
    return least
  }

  /** Earlier waiting time also counts, so that no sequence is preempted again and again. */
  #urgency({ id, priority, waitedMillis, waitsSince }: Entry<Id>, now: number): number {
    const waits = this.#waiting.has(id) ? now - waitsSince : 0
    return urgency(priority, waitedMillis + waits, this.#options.agingMillis)
  }

  #preempt(entry: Entry<Id>, now: number): void {
    const { id } = entry
    this.#running.delete(id)
    entry.waitsSince = now
    entry.isPreempted = true
    this.#waiting.set(id, entry)
    this.#preempted.push(id)
    this.#cache.preempt(id)
  }
}
