/**
 * Who gets a place in the batch, who must make way for one more urgent or for want of cells, and who then goes on where it was.
 * Knows nothing of how sequences are computed.
 */

import type { Clock } from '@hadal/base'
import type { StepScheduler } from '@hadal/batching'
import { type Arrivals, type Candidate, moreUrgent } from './arrivals.ts'
import type { Aside, Cells } from './cells.ts'
import { adapterKey } from './loaded-adapters.ts'
import type { Outbox } from './outbox.ts'
import type { Sequence } from './sequence.ts'
import type { SequenceMaker } from './sequence-maker.ts'
import type { Wanted } from './slots.ts'
import type { Speculation } from './speculation.ts'

export interface AdmissionParts {
  readonly arrivals: Arrivals
  readonly cells: Cells
  readonly scheduler: StepScheduler<number>
  readonly maker: SequenceMaker
  /** At work, by key. */
  readonly sequences: Map<number, Sequence>
  readonly speculation: Speculation | undefined
  readonly outbox: Outbox
  readonly clock: Clock
  /** Cells moved between two steps; more would hold up the sequences at work for longer than a chunk of a prompt may. */
  readonly mostMoves: number
  /** Whether any may be put aside. */
  readonly preemption: boolean
}

interface PutAside extends Aside {
  readonly sequence: Sequence
}

type Outcome = 'placed' | 'waits for others' | 'waits for cells'

export class Admission {
  readonly #parts: AdmissionParts
  readonly #aside = new Map<number, PutAside>()
  #preemptions = 0
  #moves = 0

  constructor(parts: AdmissionParts) {
    this.#parts = parts
  }

  /** Nobody waits for a place. */
  get isEmpty(): boolean {
    return this.#aside.size === 0 && this.#parts.arrivals.candidates.length === 0
  }

  /** How many were put aside since this was last asked. */
  takePreemptions(): number {
    const preemptions = this.#preemptions
    this.#preemptions = 0
    return preemptions
  }

  /**
   * The most urgent first, of these who were put aside, then in order. The first that must wait for cells keeps the later ones
   * waiting, so that a long one gets its turn. Only who waits for a beginning that another sequence is computing lets others
   * pass.
   */
  admit(): void {
    this.#moves = 0
    for (const next of this.#line()) {
      const { priority } = next.start
      if (!this.#parts.scheduler.hasRoom() && !this.#putAsideFor(priority)) return
      const outcome = 'sequence' in next ? this.#goOn(next) : this.#begin(next)
      if (outcome === 'waits for cells' || this.#moves === this.#parts.mostMoves) return
    }
  }

  /** Cells for so many tokens of those at work: the least urgent, and of these the newest, make way. False: one was put aside, so what is to be computed is another thing. */
  makeRoom(tokens: number): boolean {
    if (this.#parts.cells.canGrow(tokens)) return true
    const [victim] = this.#leastUrgentFirst()
    if (victim === undefined || this.#parts.sequences.size === 1)
      throw new Error(`there are no cells for ${tokens} tokens`)
    this.#putAside(victim)
    return false
  }

  /** Whether it was waiting here, and is gone. */
  cancel(key: number): boolean {
    this.#parts.arrivals.remove(key)
    const aside = this.#aside.get(key)
    if (aside === undefined) return false
    this.#aside.delete(key)
    this.#parts.cells.forget(aside)
    aside.sequence.chooser.free()
    this.#parts.speculation?.end(key)
    return true
  }

  #line(): ({ readonly start: Candidate['start'] } & (PutAside | Candidate))[] {
    const aside = [...this.#aside.values()].map((each) => ({ ...each, start: each.sequence.start }))
    const begun = aside.sort((a, b) => a.sequence.times.arrivedAt - b.sequence.times.arrivedAt)
    return [...begun, ...this.#parts.arrivals.candidates].sort(moreUrgent)
  }

  #begin(candidate: Candidate): Outcome {
    const { cells, scheduler, maker, arrivals, outbox, clock } = this.#parts
    const { start, prompt, limit, arrivedAt } = candidate
    // What is not computed gives no logits.
    const wanted = wantedBy(start, prompt, start.reusePrefix && start.promptLogprobs === null)
    const place = cells.place(wanted)
    if (place === undefined) return 'waits for others'
    if (!cells.suffice(prompt.length, limit, place)) return 'waits for cells'
    arrivals.remove(start.key)
    const { slot, from } = place
    if (from !== slot) this.#moves += 1
    const cachedTokens = cells.take(wanted, place, limit)
    const times = { arrivedAt, admittedAt: clock.now() }
    this.#parts.sequences.set(start.key, maker.make(candidate, slot, times))
    this.#parts.speculation?.begin(start.key, prompt)
    scheduler.admit(start.key, prompt.length - cachedTokens, wanted.group)
    outbox.tell({ key: start.key, slot, promptTokens: prompt.length, cachedTokens })
    return 'placed'
  }

  #goOn(aside: PutAside): Outcome {
    const { cells, scheduler, outbox, sequences } = this.#parts
    const { sequence, state, length } = aside
    const { start, tokens, left } = sequence
    const isWhole = state !== undefined
    const wanted = wantedBy(start, tokens, !isWhole && start.reusePrefix && !sequence.describesPrompt)
    const place = cells.place(wanted, isWhole)
    if (place === undefined) return 'waits for others'
    if (!cells.suffice(tokens.length, left, place)) return 'waits for cells'
    this.#aside.delete(start.key)
    const { slot, from } = place
    if (isWhole || from !== slot) this.#moves += 1
    if (isWhole) cells.goOn(wanted, sequence.prompt.length, slot, state, length, left)
    const held = isWhole ? length : cells.take(wanted, place, left)
    sequence.slot = slot
    sequences.set(start.key, sequence)
    scheduler.admit(start.key, tokens.length - held, wanted.group)
    outbox.tell({ key: start.key, movedTo: slot })
    return 'placed'
  }

  /** One that is less urgent makes way. False where all are as urgent. */
  #putAsideFor(priority: number): boolean {
    const [victim] = this.#leastUrgentFirst()
    if (!this.#parts.preemption || victim === undefined || victim.start.priority <= priority) return false
    this.#putAside(victim)
    return true
  }

  #leastUrgentFirst(): Sequence[] {
    return [...this.#parts.sequences.values()].sort(
      (a, b) => b.start.priority - a.start.priority || b.times.arrivedAt - a.times.arrivedAt,
    )
  }

  #putAside(sequence: Sequence): void {
    const { cells, scheduler, sequences, outbox } = this.#parts
    const { key, slot } = sequence
    this.#aside.set(key, { sequence, ...cells.putAside(slot) })
    sequences.delete(key)
    scheduler.remove(key)
    outbox.tell({ key, movedTo: null })
    this.#preemptions += 1
  }
}

const wantedBy = (
  { adapters, owner }: Candidate['start'],
  prompt: readonly number[],
  reuse: boolean,
): Wanted => ({ prompt, group: adapterKey(adapters), owner: owner ?? '', reuse })
