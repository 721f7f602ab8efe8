/**
 * The KV cache as `Admission` sees it. Starts, resumes and preempts sequences: their cells, samplers and events. Makes no
 * decisions.
 */

import type { Clock } from '@hadal/base'
import type { KvCache, StepScheduler } from '@hadal/batching'
import type { Candidate } from './arrivals.ts'
import type { Aside, Cells } from './cells.ts'
import { adapterKey } from './loaded-adapters.ts'
import type { Outbox } from './outbox.ts'
import type { Sequence } from './sequence.ts'
import type { SequenceMaker } from './sequence-maker.ts'
import type { Placement, Wanted } from './slots.ts'
import type { Speculation } from './speculation.ts'

export interface SequenceCacheParts {
  readonly cells: Cells
  readonly scheduler: StepScheduler<number>
  readonly maker: SequenceMaker
  /** Running, by key. */
  readonly sequences: Map<number, Sequence>
  readonly speculation: Speculation | undefined
  readonly outbox: Outbox
  readonly clock: Clock
}

interface Preempted extends Aside {
  readonly sequence: Sequence
}

type Waiting = Preempted | Candidate

export class SequenceCache implements KvCache<number, Placement> {
  readonly #parts: SequenceCacheParts
  readonly #waiting = new Map<number, Waiting>()

  constructor(parts: SequenceCacheParts) {
    this.#parts = parts
  }

  /** Queues a candidate. */
  enter(candidate: Candidate): void {
    this.#waiting.set(candidate.start.key, candidate)
  }

  /** A waiting sequence was cancelled. */
  forget(key: number): void {
    const waiting = this.#waiting.get(key)
    this.#waiting.delete(key)
    if (waiting === undefined || !('sequence' in waiting)) return
    this.#parts.cells.forget(waiting)
    waiting.sequence.chooser.free()
    this.#parts.speculation?.end(key)
  }

  place(key: number): Placement | undefined {
    const waiting = this.#waiting.get(key)!
    return this.#parts.cells.place(wantedBy(waiting), 'sequence' in waiting && waiting.state !== undefined)
  }

  waitsForPrefix(key: number): boolean {
    return this.#parts.cells.isPromised(wantedBy(this.#waiting.get(key)!))
  }

  hasCellsFor(key: number, placement: Placement): boolean {
    const waiting = this.#waiting.get(key)!
    const [tokens, newTokens] =
      'sequence' in waiting
        ? [waiting.sequence.tokens, waiting.sequence.left]
        : [waiting.prompt, waiting.limit]
    return this.#parts.cells.suffice(tokens.length, newTokens, placement)
  }

  canGrow(cells: number): boolean {
    return this.#parts.cells.canGrow(cells)
  }

  canPreempt(key: number): boolean {
    return this.#parts.cells.canPreempt(this.#parts.sequences.get(key)!.slot)
  }

  admit(key: number, placement: Placement): boolean {
    const waiting = this.#waiting.get(key)!
    this.#waiting.delete(key)
    return 'sequence' in waiting ? this.#resume(waiting, placement) : this.#begin(waiting, placement)
  }

  preempt(key: number): void {
    const { cells, scheduler, sequences, outbox } = this.#parts
    const sequence = sequences.get(key)!
    this.#waiting.set(key, { sequence, ...cells.preempt(sequence.slot) })
    sequences.delete(key)
    scheduler.remove(key)
    outbox.notify({ key, movedTo: null })
  }

  #begin(candidate: Candidate, placement: Placement): boolean {
    const { cells, scheduler, maker, outbox, clock, sequences, speculation } = this.#parts
    const { start, prompt, limit, arrivedAt } = candidate
    const { key } = start
    const { slot, from } = placement
    const wanted = wantedBy(candidate)
    const cachedTokens = cells.take(wanted, placement, limit)
    sequences.set(key, maker.make(candidate, slot, { arrivedAt, admittedAt: clock.now() }))
    speculation?.begin(key, prompt)
    scheduler.admit(key, prompt.length - cachedTokens, wanted.group)
    outbox.notify({ key, slot, promptTokens: prompt.length, cachedTokens })
    return from !== slot
  }

  #resume(preempted: Preempted, placement: Placement): boolean {
    const { cells, scheduler, outbox, sequences } = this.#parts
    const { sequence, state, length } = preempted
    const { key, tokens, left, prompt } = sequence
    const { slot, from } = placement
    const wanted = wantedBy(preempted)
    if (state !== undefined) cells.resume(wanted, prompt.length, slot, state, length, left)
    const held = state === undefined ? cells.take(wanted, placement, left) : length
    sequence.slot = slot
    sequences.set(key, sequence)
    scheduler.admit(key, tokens.length - held, wanted.group)
    outbox.notify({ key, movedTo: slot })
    return state !== undefined || from !== slot
  }
}

function wantedBy(waiting: Waiting): Wanted {
  const { start } = 'sequence' in waiting ? waiting.sequence : waiting
  const { adapters, owner, reusePrefix, promptLogprobs } = start
  const common = { group: adapterKey(adapters), owner: owner ?? '' }
  // Tokens that are not computed give no logits.
  if ('prompt' in waiting)
    return { ...common, prompt: waiting.prompt, reuse: reusePrefix && promptLogprobs === null }
  const { sequence, state } = waiting
  // Its saved state is all it needs.
  const reuse = reusePrefix && !sequence.describesPrompt && state === undefined
  return { ...common, prompt: sequence.tokens, reuse }
}
