/**
 * Proposes draft tokens for the sequences of a step, from a draft model or from earlier text. Call costs and acceptance rates
 * determine their number. Verification happens in sampling: the target's own sampler draws at every draft position, and the
 * first draw that differs ends the draft; so the output distribution is unchanged, and greedy text is identical.
 */

import {
  CallCosts,
  type DraftPlan,
  type DraftRecord,
  PromptLookup,
  planDrafts,
  SharedDraftRecord,
} from '@hadal/batching'
import type { DraftModel } from './draft-model.ts'

export interface SpeculationOptions {
  /** `auto`: as long as measurements show a gain; `on`: always, at full length. */
  readonly mode: 'auto' | 'on'
  /** Maximum draft length. */
  readonly draftTokens: number
  readonly draftModel?: Pick<DraftModel, 'draft' | 'setThreads'>
}

/** A sequence that gets its next token in this step. */
export interface Guessable {
  readonly key: number
  readonly slot: number
  /** Maximum useful draft length. */
  readonly most: number
}

interface Followed {
  readonly lookup: PromptLookup
  readonly record: DraftRecord
}

interface Guess extends Guessable, Followed {
  /** From earlier text; with a draft model, the tokens are added later. */
  readonly tokens: readonly number[]
}

export class Speculation {
  readonly #options: SpeculationOptions
  readonly #followed = new Map<number, Followed>()
  readonly #record = new SharedDraftRecord()
  readonly #callCosts = new CallCosts()
  readonly #passCosts = new CallCosts()

  constructor(options: SpeculationOptions) {
    this.#options = options
  }

  begin(key: number, prompt: readonly number[]): void {
    this.#followed.set(key, { lookup: new PromptLookup(prompt), record: this.#record.begin() })
  }

  push(key: number, token: number): void {
    this.#followed.get(key)?.lookup.push(token)
  }

  end(key: number): void {
    this.#followed.delete(key)
  }

  /** Drafts for a step in which `decodes` sequences get their next token, with at most `maxRows` rows to verify them. */
  propose(sequences: readonly Guessable[], decodes: number, maxRows: number): Map<number, readonly number[]> {
    const guesses = sequences.flatMap((sequence) => this.#guess(sequence) ?? [])
    if (guesses.length === 0) return new Map()
    const { length, ids } = this.#plan(guesses, decodes, maxRows)
    for (const { key, record } of guesses) if (!ids.includes(key)) record.record(0, 0)
    const chosen = guesses.filter(({ key }) => ids.includes(key))
    const drafts = this.#draft(chosen, length)
    return new Map(
      chosen.flatMap(({ key }, at) => (drafts[at]!.length > 0 ? [[key, drafts[at]!] as const] : [])),
    )
  }

  /** `accepted` of `proposed` draft tokens were right. */
  verified(key: number, proposed: number, accepted: number): void {
    this.#followed.get(key)?.record.record(proposed, accepted)
    this.#record.record(proposed, accepted)
  }

  setThreads(threads: number): void {
    this.#options.draftModel?.setThreads(threads)
  }

  /** Duration of a call in which sequences got new tokens. */
  took(rows: number, millis: number): void {
    this.#callCosts.record(rows, millis)
  }

  #guess(sequence: Guessable): Guess | undefined {
    const followed = this.#followed.get(sequence.key)!
    const longest = Math.min(sequence.most, this.#options.draftTokens)
    const tokens = this.#options.draftModel === undefined ? followed.lookup.propose(longest) : []
    const most = this.#options.draftModel === undefined ? tokens.length : longest
    return most < 1 ? undefined : { ...sequence, ...followed, tokens, most }
  }

  #plan(guesses: readonly Guess[], decodes: number, maxRows: number): DraftPlan<number> {
    const { mode, draftModel } = this.#options
    if (mode === 'on') return draftAll(guesses, maxRows)
    const candidates = guesses.map(({ key, record, most }) => ({
      id: key,
      acceptance: record.acceptance,
      most,
    }))
    const costs = { call: this.#callCosts, ...(draftModel !== undefined && { pass: this.#passCosts }) }
    return planDrafts(candidates, decodes, maxRows, costs)
  }

  #draft(chosen: readonly Guess[], length: number): readonly (readonly number[])[] {
    const { draftModel } = this.#options
    if (draftModel === undefined) return chosen.map(({ tokens }) => tokens.slice(0, length))
    if (chosen.length === 0) return []
    return draftModel.draft(
      chosen.map(({ slot, lookup, most }) => ({ slot, tokens: lookup.tokens, most: Math.min(length, most) })),
      (sequences, millis) => this.#passCosts.record(sequences, millis),
    )
  }
}

/** Max sequences and lengths for one call. */
function draftAll(guesses: readonly Guess[], maxRows: number): DraftPlan<number> {
  const ids = guesses.slice(0, Math.floor(maxRows / 2)).map(({ key }) => key)
  const longest = Math.max(...guesses.map(({ most }) => most))
  return { length: Math.min(longest, Math.floor(maxRows / ids.length) - 1), ids }
}
