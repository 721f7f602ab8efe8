/**
 * One sequence at work: its tokens, its sampler, the text it makes and why it ends. Knows nothing of the others nor of
 * when it is computed.
 */

import type { GeneratedToken, TokenLogprob } from '../../engine.ts'
import { TextStream } from '../../text/text-stream.ts'
import type { SequenceEvent, StartSequence } from '../messages.ts'
import type { Logprobs } from './logprobs.ts'
import type { Sampler } from './sampler.ts'
import type { Vocabulary } from './vocabulary.ts'

interface ShownToken {
  readonly token: number
  readonly described?: GeneratedToken
}

export interface SequenceTimes {
  readonly arrivedAt: number
  readonly admittedAt: number
}

export class Sequence {
  readonly key: number
  readonly prompt: readonly number[]
  readonly slot: number
  readonly sampler: Sampler
  readonly topLogprobs: number | null
  readonly #vocabulary: Vocabulary
  readonly #limit: number
  readonly #ignoreEos: boolean
  readonly #stream: TextStream<ShownToken>
  readonly #times: SequenceTimes
  #newest = -1
  #firstTokenAt = 0
  #completionTokens = 0

  constructor(
    start: StartSequence,
    place: { prompt: readonly number[]; slot: number; limit: number; sampler: Sampler; times: SequenceTimes },
    vocabulary: Vocabulary,
  ) {
    this.key = start.key
    this.prompt = place.prompt
    this.slot = place.slot
    this.sampler = place.sampler
    this.topLogprobs = start.topLogprobs
    this.#vocabulary = vocabulary
    this.#limit = place.limit
    this.#ignoreEos = start.ignoreEos
    this.#stream = new TextStream(start.stop)
    this.#times = place.times
  }

  /** The tokens to compute next, of which `position` are computed already: part of the prompt, or the newest token. */
  tokensAt(position: number, count: number): readonly number[] {
    return position < this.prompt.length ? this.prompt.slice(position, position + count) : [this.#newest]
  }

  /** A new token was sampled. Returns what to tell, and whether that was the end. */
  accept(
    token: number,
    logprobs: Logprobs | undefined,
    now: number,
  ): { events: SequenceEvent[]; ended: boolean } {
    this.#newest = token
    this.#completionTokens += 1
    if (this.#completionTokens === 1) this.#firstTokenAt = now
    if (!this.#ignoreEos && this.#vocabulary.endsGeneration(token)) return this.#end('stop', now, token)
    const bytes = this.#vocabulary.bytesOf(token)
    const step = this.#stream.push(bytes, {
      token,
      ...(logprobs && { described: this.#describe(token, logprobs) }),
    })
    const events = this.#delta(step.text, step.tokens)
    if (step.stopString !== undefined)
      return { events: [...events, this.#done('stop', now, step.stopString)], ended: true }
    if (this.#completionTokens < this.#limit) return { events, ended: false }
    const last = this.#end('length', now)
    return { events: [...events, ...last.events], ended: true }
  }

  #end(reason: 'stop' | 'length', now: number, stopToken?: number): { events: SequenceEvent[]; ended: true } {
    const rest = this.#stream.end()
    const events = this.#delta(rest.text, rest.tokens)
    return { events: [...events, this.#done(reason, now, rest.stopString, stopToken)], ended: true }
  }

  #delta(text: string, shown: readonly ShownToken[]): SequenceEvent[] {
    if (text === '' && shown.length === 0) return []
    const logprobs = shown.flatMap(({ described }) => described ?? [])
    const tokens = shown.map(({ token }) => token)
    return [{ key: this.key, text, tokenCount: tokens.length, logprobs, tokens }]
  }

  #done(
    done: 'stop' | 'length',
    now: number,
    stopString: string | undefined,
    stopToken?: number,
  ): SequenceEvent {
    const { arrivedAt, admittedAt } = this.#times
    return {
      key: this.key,
      done: stopString === undefined ? done : 'stop',
      ...(stopString !== undefined && { stopString }),
      ...(stopToken !== undefined && stopString === undefined && { stopToken }),
      completionTokens: this.#completionTokens,
      waitMillis: admittedAt - arrivedAt,
      prefillMillis: this.#firstTokenAt - admittedAt,
      decodeMillis: now - this.#firstTokenAt,
    }
  }

  #describe(token: number, logprobs: Logprobs): GeneratedToken {
    const one = (token: number, logprob: number): TokenLogprob => {
      const bytes = this.#vocabulary.bytesOf(token)
      return { token, text: Buffer.from(bytes).toString(), bytes: [...bytes], logprob }
    }
    return {
      ...one(token, logprobs.chosen),
      top: logprobs.top.map(([other, logprob]) => one(other, logprob)),
    }
  }
}
