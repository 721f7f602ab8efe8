/**
 * Who gets a place in the batch, who must make way for one more urgent or for want of cells, and who then goes on where it was.
 * Knows nothing of how sequences are computed.
 */

import type { Clock } from '@hadal/base'
import { type StepScheduler, urgency } from '@hadal/batching'
import type { Arrivals, Candidate } from './arrivals.ts'
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
  /** Waiting so long counts as one priority more urgent. */
  readonly agingMillis: number
}

interface PutAside extends Aside, Pick<Candidate, 'start' | 'arrivedAt'> {
  readonly sequence: Sequence
  /** When it was. */
  readonly since: number
}

type Waiting = PutAside | Candidate

type Outcome = 'placed' | 'waits for others' | 'waits for cells'

export class Admission {
  readonly #parts: AdmissionParts
  readonly #aside = new Map<number, PutAside>()
  #putAsideKeys: number[] = []
  #moves = 0

  constructor(parts: AdmissionParts) {
    this.#parts = parts
  }

  /** Nobody waits for a place. */
  get isEmpty(): boolean {
    return this.#aside.size === 0 && this.#parts.arrivals.candidates.length === 0
  }

  /** Who were put aside since this was last asked. */
  takePutAside(): readonly number[] {
    const keys = this.#putAsideKeys
    this.#putAsideKeys = []
    return keys
  }

  /**
   * The most urgent first, of these who were put aside, then in order. The first that must wait for cells keeps the later ones
   * waiting, so that a long one gets its turn. Who waits for a beginning that another sequence is computing, or can take
   * nobody's place, lets others pass.
   */
  admit(): void {
    this.#moves = 0
    for (const next of this.#line()) {
      if (this.#admit(next) === 'waits for cells' || this.#moves === this.#parts.mostMoves) return
    }
  }

  #admit(next: Waiting): Outcome {
    const { cells, scheduler } = this.#parts
    const wanted = wantedBy(next)
    // Nobody makes way for one that would wait then.
    if (!scheduler.hasRoom() && (cells.isPromised(wanted) || !this.#putAsideFor(next)))
      return 'waits for others'
    while (true) {
      const outcome = 'sequence' in next ? this.#goOn(next, wanted) : this.#begin(next, wanted)
      if (outcome !== 'waits for cells' || !this.#putAsideFor(next)) return outcome
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

  #line(): Waiting[] {
    const now = this.#parts.clock.now()
    const aside = [...this.#aside.values()].sort((a, b) => a.arrivedAt - b.arrivedAt)
    return [...aside, ...this.#parts.arrivals.candidates].sort(
      (a, b) => this.#urgency(a, now) - this.#urgency(b, now),
    )
  }

  #begin(candidate: Candidate, wanted: Wanted): Outcome {
    const { cells, scheduler, maker, arrivals, outbox, clock } = this.#parts
    const { start, prompt, limit, arrivedAt } = candidate
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

  #goOn({ sequence, state, length, since }: PutAside, wanted: Wanted): Outcome {
    const { cells, scheduler, outbox, sequences, clock } = this.#parts
    const { start, tokens, left } = sequence
    const isWhole = state !== undefined
    const place = cells.place(wanted, isWhole)
    if (place === undefined) return 'waits for others'
    if (!cells.suffice(tokens.length, left, place)) return 'waits for cells'
    this.#aside.delete(start.key)
    const { slot, from } = place
    if (isWhole || from !== slot) this.#moves += 1
    if (isWhole) cells.goOn(wanted, sequence.prompt.length, slot, state, length, left)
    const held = isWhole ? length : cells.take(wanted, place, left)
    sequence.slot = slot
    sequence.waitedMillis += clock.now() - since
    sequences.set(start.key, sequence)
    scheduler.admit(start.key, tokens.length - held, wanted.group)
    outbox.tell({ key: start.key, movedTo: slot })
    return 'placed'
  }

  /** One that is less urgent makes way, and not just because others waited longer. False where there is none. */
  #putAsideFor(next: Waiting): boolean {
    const { preemption, cells, clock } = this.#parts
    if (!preemption) return false
    const urgency = this.#urgency(next, clock.now())
    const victim = this.#leastUrgentFirst().find(
      (each) =>
        each.start.priority > next.start.priority &&
        this.#urgencyOf(each.start, each.waitedMillis) > urgency &&
        cells.mayMakeWay(each.slot),
    )
    if (victim !== undefined) this.#putAside(victim)
    return victim !== undefined
  }

  #leastUrgentFirst(): Sequence[] {
    const urgency = ({ start, waitedMillis }: Sequence): number => this.#urgencyOf(start, waitedMillis)
    return [...this.#parts.sequences.values()].sort(
      (a, b) => urgency(b) - urgency(a) || b.times.arrivedAt - a.times.arrivedAt,
    )
  }

  /** So that who was put aside does not wait for ever behind those who come later, nor make way again and again. */
  #urgency(next: Waiting, now: number): number {
    const waited = 'sequence' in next ? next.sequence.waitedMillis + now - next.since : now - next.arrivedAt
    return this.#urgencyOf(next.start, waited)
  }

  #urgencyOf({ priority }: Candidate['start'], waitedMillis: number): number {
    return urgency(priority, waitedMillis, this.#parts.agingMillis)
  }

  #putAside(sequence: Sequence): void {
    const { cells, scheduler, sequences, outbox, clock } = this.#parts
    const { key, slot, start, times } = sequence
    const { arrivedAt } = times
    this.#aside.set(key, { sequence, start, arrivedAt, since: clock.now(), ...cells.putAside(slot) })
    sequences.delete(key)
    scheduler.remove(key)
    outbox.tell({ key, movedTo: null })
    this.#putAsideKeys.push(key)
  }
}

function wantedBy(next: Waiting): Wanted {
  const { adapters, owner, reusePrefix, promptLogprobs } = next.start
  const common = { group: adapterKey(adapters), owner: owner ?? '' }
  // What is not computed gives no logits.
  if ('prompt' in next)
    return { ...common, prompt: next.prompt, reuse: reusePrefix && promptLogprobs === null }
  const { sequence, state } = next
  // What was kept of it is all it needs.
  const reuse = reusePrefix && !sequence.describesPrompt && state === undefined
  return { ...common, prompt: sequence.tokens, reuse }
}
