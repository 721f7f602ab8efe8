/**
 * Which tokens to guess for the sequences of a step, so that one computation may give several: from a draft model, or from
 * what the sequence said before. How many is decided by what steps cost and how often the guesses were right. Whether a
 * guess is right is decided where tokens are sampled: the target's own sampler draws at every guessed place, and the first
 * draw that differs ends it; so what comes out is distributed as without guessing, and greedy text is the same.
 * Knows nothing of the library.
 */

import { DraftRecord, draftLength, expectedTokens, PromptLookup, StepCosts } from '@hadal/batching'
import type { DraftModel } from './draft-model.ts'

export interface SpeculationOptions {
  /** `auto`: as long as measured to pay; `on`: always, at full length. */
  readonly mode: 'auto' | 'on'
  /** Longest draft. */
  readonly draftTokens: number
  readonly draftModel?: DraftModel
}

/** A sequence that will get its next token. */
export interface Guessable {
  readonly key: number
  readonly slot: number
  /** Longest draft that makes sense for it. */
  readonly most: number
}

interface Followed {
  readonly lookup: PromptLookup
  readonly record: DraftRecord
}

export class Speculation {
  readonly #options: SpeculationOptions
  readonly #followed = new Map<number, Followed>()
  readonly #costs = new StepCosts()

  constructor(options: SpeculationOptions) {
    this.#options = options
  }

  begin(key: number, prompt: readonly number[]): void {
    this.#followed.set(key, { lookup: new PromptLookup(prompt), record: new DraftRecord() })
  }

  push(key: number, token: number): void {
    this.#followed.get(key)?.lookup.push(token)
  }

  end(key: number): void {
    this.#followed.delete(key)
  }

  /** Guesses for the sequences of one step, of `rows` rows without them and room for `room` more. */
  propose(sequences: readonly Guessable[], rows: number, room: number): Map<number, readonly number[]> {
    const step = { rows, tokens: rows }
    const wanted: { sequence: Guessable; length: number }[] = []
    for (const sequence of sequences) {
      const most = Math.min(this.#options.draftTokens, sequence.most, rows + room - step.rows)
      const { record } = this.#followed.get(sequence.key)!
      const length =
        this.#options.mode === 'on'
          ? Math.max(0, most)
          : draftLength(record.acceptance, step, most, this.#costs)
      if (length < 1) continue
      wanted.push({ sequence, length })
      step.rows += length
      step.tokens += expectedTokens(record.acceptance, length)
    }
    const drafts = this.#draft(wanted)
    return new Map(drafts.flatMap(({ key, tokens }) => (tokens.length > 0 ? [[key, tokens] as const] : [])))
  }

  /** Of a draft of `proposed` tokens, `accepted` were right. */
  verified(key: number, proposed: number, accepted: number): void {
    this.#followed.get(key)?.record.record(proposed, accepted)
  }

  /** A step that only gave new tokens took so long, guessing included. */
  took(rows: number, millis: number): void {
    this.#costs.record(rows, millis)
  }

  #draft(
    wanted: readonly { sequence: Guessable; length: number }[],
  ): { key: number; tokens: readonly number[] }[] {
    const lookupOf = (key: number): PromptLookup => this.#followed.get(key)!.lookup
    const { draftModel } = this.#options
    if (draftModel === undefined)
      return wanted.map(({ sequence: { key }, length }) => ({ key, tokens: lookupOf(key).propose(length) }))
    const drafts = draftModel.draft(
      wanted.map(({ sequence: { key, slot }, length }) => ({
        slot,
        tokens: lookupOf(key).tokens,
        most: length,
      })),
    )
    return wanted.map(({ sequence }, at) => ({ key: sequence.key, tokens: drafts[at]! }))
  }
}
