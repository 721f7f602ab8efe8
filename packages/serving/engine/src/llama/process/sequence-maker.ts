/**
 * Creates sequences in two steps: `prepare` does all validation and may take a while; `make` adds the sampler once the sequence
 * has its slot.
 */

import { invalidSampling } from '../../errors.ts'
import type { StartSequence } from '../messages.ts'
import { Candidates } from './candidates.ts'
import { DrySamplers } from './dry-samplers.ts'
import { GrammarFollower } from './grammar-follower.ts'
import { Grammars } from './grammars.ts'
import type { LoadedModel } from './open-generator.ts'
import { promptWithin } from './prompt-tokens.ts'
import { Sampler } from './sampler.ts'
import { Sequence, type SequenceTimes } from './sequence.ts'
import { TokenChooser } from './token-chooser.ts'
import { TokenRules } from './token-rules.ts'

/** Maximum prompt tokens times alternatives: they are sent in one message. */
const maxDescriptions = 500_000

export interface PreparedSequence {
  readonly start: StartSequence
  readonly prompt: readonly number[]
  /** Maximum new tokens. */
  readonly limit: number
  readonly grammar: GrammarFollower | undefined
  readonly thinkingEnd: readonly number[]
}

export class SequenceMaker {
  readonly #model: LoadedModel
  readonly #dry: DrySamplers
  readonly #grammars: Grammars
  readonly #candidates: Candidates

  /** For at most this many concurrent requests. */
  constructor(model: LoadedModel, requests: number) {
    this.#model = model
    this.#dry = new DrySamplers(model.native, model.vocabulary, requests)
    this.#grammars = new Grammars(model.vocabulary)
    this.#candidates = new Candidates(model.vocabulary.size)
  }

  /** Undefined if cancelled. Throws user-facing errors. */
  async prepare(start: StartSequence, isWanted: () => boolean): Promise<PreparedSequence | undefined> {
    const { vocabulary, plan, adapters } = this.#model
    const { sampling, grammar, thinking, controlText, promptLogprobs } = start
    adapters.check(start.adapters)
    vocabulary.check([...sampling.logitBias.map(([token]) => token), ...start.stopTokens])
    const follower =
      grammar === null
        ? undefined
        : new GrammarFollower(await this.#grammars.get(grammar.gbnf, controlText), grammar.after, vocabulary)
    const prompt = await promptWithin(plan.contextLength, start.prompt, vocabulary, isWanted)
    if (prompt === undefined) return undefined
    if (prompt.length * ((promptLogprobs ?? 0) + 1) > maxDescriptions && promptLogprobs !== null)
      throw invalidSampling(
        'promptLogprobs',
        promptLogprobs,
        `fewer, for a prompt of ${prompt.length} tokens`,
      )
    const thinkingEnd =
      thinking === null ? [] : await vocabulary.tokenize(thinking.end, false, true, isWanted)
    if (thinkingEnd === undefined || !(await this.#dry.prepare(sampling, plan.contextLength, isWanted)))
      return undefined
    const limit = Math.min(start.maxTokens ?? Number.POSITIVE_INFINITY, plan.contextLength - prompt.length)
    return { start, prompt, limit, grammar: follower, thinkingEnd }
  }

  /** The caller must free it. */
  make(prepared: PreparedSequence, slot: number, times: SequenceTimes): Sequence {
    const { native, vocabulary, plan } = this.#model
    const { start, prompt, limit, grammar, thinkingEnd } = prepared
    const rules = new TokenRules({ start, vocabulary, grammar, thinkingEnd })
    const sampler = new Sampler(
      {
        native,
        vocabularySize: vocabulary.size,
        contextLength: plan.contextLength,
        dry: this.#dry,
        prompt,
        never: rules.never,
      },
      start.sampling,
    )
    const chooser = new TokenChooser(sampler, rules, this.#candidates, start)
    return new Sequence(start, { prompt, slot, limit, chooser, times }, vocabulary)
  }
}
