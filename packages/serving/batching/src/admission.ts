/**
 * Which waiting sequences join the running batch, and which running ones are preempted: for a more urgent one, or because KV
 * cache cells run short. The engine and the simulator both decide with this class; what the cache holds and how is behind
 * `KvCache`. Deterministic; the time is an argument.
 */

import type { StepPlan } from './plan-step.ts'
import { urgency } from './urgency.ts'

/** The KV cache as admission sees it. `Placement` is the cache's own: where a sequence goes, and what is there already. */
export interface KvCache<Id, Placement> {
  /** Where a waiting sequence can go now. Undefined: it should wait, because a running sequence is computing the same prefix. */
  place(id: Id): Placement | undefined
  /** Whether it would have to wait for a prefix even if there were a place for it in the batch. */
  waitsForPrefix(id: Id): boolean
  /** Whether there are cells for it there that no running sequence has reserved. Evicts cached prefixes if it must. */
  hasCellsFor(id: Id, placement: Placement): boolean
  /** Whether the running sequences can take this many more cells together. Evicts cached prefixes if it must. */
  canGrow(cells: number): boolean
  /** Whether this running sequence can be preempted now and resumed later. */
  canPreempt(id: Id): boolean
  /** It begins or resumes. Returns whether keys and values are moved for it. */
  admit(id: Id, placement: Placement): boolean
  /** It gives up its cells until it is admitted again. */
  preempt(id: Id): void
}

export interface AdmissionOptions {
  /** Whether the batch has a place for one more sequence. */
  readonly hasRoom: () => boolean
  /** Whether running sequences may be preempted. */
  readonly preemption: boolean
  /** Milliseconds of waiting that count as one priority more urgent. */
  readonly agingMillis: number
  /** Sequences for which keys and values are moved between two steps; more would delay those that run. */
  readonly maxMoves: number
}

interface Entry<Id> {
  readonly id: Id
  /** Lower is more urgent. */
  readonly priority: number
  /** Counts sequences in the order they came. */
  readonly order: number
  /** Time without a place in the batch, up to its last admission. */
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

  /** A sequence waits for a place from now on; it came at `arrivedAt`, in milliseconds. */
  enter(id: Id, priority: number, arrivedAt: number): void {
    const order = this.#entered
    this.#entered += 1
    this.#waiting.set(id, { id, priority, order, waitedMillis: 0, waitsSince: arrivedAt, isPreempted: false })
  }

  /** It ended or was cancelled. Returns where it was. */
  remove(id: Id): 'running' | 'waiting' | undefined {
    if (this.#running.delete(id)) return 'running'
    return this.#waiting.delete(id) ? 'waiting' : undefined
  }

  /** Sequences preempted since this was last called. */
  takePreempted(): readonly Id[] {
    const preempted = this.#preempted
    this.#preempted = []
    return preempted
  }

  /**
   * Admits the most urgent first; of equally urgent ones the preempted, then in order of arrival. The first that must wait for
   * cells blocks later ones, so that a long prompt gets its turn. One that waits for a prefix, or for a place that no running
   * sequence may be preempted for, does not.
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

  /** The first plan that there are cells for; running sequences are preempted until there is one. `cellsOf`: what it takes. */
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
    // No sequence is preempted for one that would still have to wait.
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

  /** Preempts one of a less urgent priority, unless it is as urgent by how long it waited. False: there is none. */
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

  /** Of equally urgent ones the newest. */
  #minUrgent(now: number, isMeant: (running: Entry<Id>) => boolean): Entry<Id> | undefined {
    let least: Entry<Id> | undefined
    for (const entry of this.#running.values()) {
      const more = least === undefined ? 1 : this.#urgency(entry, now) - this.#urgency(least, now)
      if ((more > 0 || (more === 0 && entry.order > least!.order)) && isMeant(entry)) least = entry
    }
    return least
  }

  /** What a sequence waited before counts, too, so that no sequence is preempted again and again. */
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
