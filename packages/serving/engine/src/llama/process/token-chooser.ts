/**
 * Chooses a sequence's next token from a row of logits: the sampler draws, the rules check. A token that breaks the rules is
 * drawn again from the allowed ones, as in llama.cpp, because computing the allowed set takes far longer than one draw.
 */

import type { ContextPointer } from '../binding.ts'
import type { StartSequence } from '../messages.ts'
import type { Candidates } from './candidates.ts'
import { type Logprobs, logprobsAmong, logprobsOf } from './logprobs.ts'
import type { Sampler } from './sampler.ts'
import type { TokenRules } from './token-rules.ts'

/** The output of a batch; indexed by rows with logits. */
export interface Rows {
  readonly context: ContextPointer
  logits(row: number): Float32Array
}

export interface Choice {
  readonly token: number
  /** If requested. */
  readonly logprobs?: Logprobs
}

export class TokenChooser {
  readonly rules: TokenRules
  readonly #sampler: Sampler
  readonly #candidates: Candidates
  readonly #topLogprobs: number | null
  readonly #afterSampling: boolean

  /** Owns the sampler. `candidates` may be shared between calls. */
  constructor(
    sampler: Sampler,
    rules: TokenRules,
    candidates: Candidates,
    { topLogprobs, logprobsAfterSampling }: StartSequence,
  ) {
    this.rules = rules
    this.#sampler = sampler
    this.#candidates = candidates
    this.#topLogprobs = topLogprobs
    this.#afterSampling = topLogprobs !== null && logprobsAfterSampling
  }

  /** The next token, which is then accepted. Undefined if none is allowed. Throws `invalid_grammar`. */
  choose(rows: Rows, row: number): Choice | undefined {
    const { rules } = this
    if (rules.isOver) return undefined
    const { forced } = rules
    let token: number | undefined
    if (forced !== undefined) token = forced
    else if (rules.isFree && !this.#afterSampling) token = this.#sampler.sample(rows.context, row)
    else token = this.#draw(rows.logits(row))
    if (token === undefined) return undefined
    if (forced !== undefined || !rules.isFree || this.#afterSampling) this.#sampler.accept(token)
    rules.accept(token)
    const logprobs = this.#logprobs(rows, row, token, forced !== undefined)
    return logprobs === undefined ? { token } : { token, logprobs }
  }

  free(): void {
    this.#sampler.free()
  }

  #draw(logits: Float32Array): number | undefined {
    const candidates = this.#candidates
    const { biases } = this.#sampler
    candidates.fill(logits, undefined, biases)
    this.#sampler.apply(candidates)
    if (this.rules.permits(candidates.chosen)) return candidates.chosen
    candidates.fill(logits, this.rules.permitted(), biases)
    if (candidates.count === 0) return undefined
    this.#sampler.apply(candidates)
    return candidates.chosen
  }

  #logprobs(rows: Rows, row: number, token: number, isForced: boolean): Logprobs | undefined {
    const count = this.#topLogprobs
    if (count === null) return undefined
    if (!this.#afterSampling) return logprobsOf(rows.logits(row), token, count)
    if (isForced || this.#sampler.isGreedy) return { chosen: 0, top: count === 0 ? [] : [[token, 0]] }
    return logprobsAmong(this.#candidates.left(), token, count)
  }
}
