/** A running sequence: its tokens, token choice, output text and finish reason. */

import type { GeneratedToken, PromptToken, TokenLogprob } from '../../engine.ts'
import { TextStream } from '../../text/text-stream.ts'
import type { SequenceEvent, StartSequence } from '../messages.ts'
import { type Logprobs, logprobsOf } from './logprobs.ts'
import type { TokenChooser } from './token-chooser.ts'
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
  readonly start: StartSequence
  readonly key: number
  readonly prompt: readonly number[]
  /** Changes when it resumes after a preemption. */
  slot: number
  readonly chooser: TokenChooser
  readonly #promptLogprobs: number | null
  readonly #vocabulary: Vocabulary
  readonly #limit: number
  readonly #controlText: boolean
  readonly #stream: TextStream<ShownToken>
  readonly times: SequenceTimes
  readonly #described: PromptToken[] = []
  /** Prompt and new tokens. */
  readonly #tokens: number[]
  #firstTokenAt = 0
  #completionTokens = 0
  #draftTokens = 0
  #acceptedDraftTokens = 0

  constructor(
    start: StartSequence,
    place: {
      prompt: readonly number[]
      slot: number
      limit: number
      chooser: TokenChooser
      times: SequenceTimes
    },
    vocabulary: Vocabulary,
  ) {
    this.start = start
    this.key = start.key
    this.prompt = place.prompt
    this.#tokens = [...place.prompt]
    this.slot = place.slot
    this.chooser = place.chooser
    this.#promptLogprobs = start.promptLogprobs
    this.#vocabulary = vocabulary
    this.#limit = place.limit
    this.#controlText = start.controlText
    this.#stream = new TextStream(start.stop)
    this.times = place.times
  }

  /** Prompt and new tokens; the last one is the input for the next. */
  get tokens(): readonly number[] {
    return this.#tokens
  }

  /** Remaining new tokens. */
  get left(): number {
    return this.#limit - this.#completionTokens
  }

  /** This many draft tokens are being verified. */
  drafted(tokens: number): void {
    this.#draftTokens += tokens
  }

  /** Whether it has new tokens. */
  get hasBegun(): boolean {
    return this.#completionTokens > 0
  }

  /** Every row of the prompt outputs logits. */
  get describesPrompt(): boolean {
    return this.#promptLogprobs !== null && !this.hasBegun
  }

  /** `logits` of the token at `position` of the prompt, given those before it; in order, except the first. */
  describePrompt(position: number, logits: Float32Array): void {
    // A preempted sequence may have part of its prompt computed twice.
    if (position !== this.#described.length + 1) return
    const token = this.prompt[position]!
    this.#described.push(this.#describe(token, logprobsOf(logits, token, this.#promptLogprobs!)))
  }

  /** No further token is allowed. */
  end(now: number): SequenceEvent[] {
    const opening = this.#completionTokens === 0 ? this.#open(now) : []
    return [...opening, ...this.#end('stop', now).events]
  }

  /** A new token was chosen; `guess` is its draft token. Returns the events and whether the sequence ended. */
  accept(
    token: number,
    logprobs: Logprobs | undefined,
    now: number,
    guess?: number,
  ): { events: SequenceEvent[]; ended: boolean } {
    this.#tokens.push(token)
    const opening = this.#completionTokens === 0 ? this.#open(now) : []
    this.#completionTokens += 1
    if (token === guess) this.#acceptedDraftTokens += 1
    const { events, ended } = this.#show(token, logprobs, now)
    return { events: [...opening, ...events], ended }
  }

  /** The prompt is computed. */
  #open(now: number): SequenceEvent[] {
    this.#firstTokenAt = now
    if (this.#promptLogprobs === null) return []
    const { logprob: _, ...first } = this.#describe(this.prompt[0]!, { chosen: 0, top: [] })
    return [{ key: this.key, described: [first, ...this.#described] }]
  }

  #show(
    token: number,
    logprobs: Logprobs | undefined,
    now: number,
  ): { events: SequenceEvent[]; ended: boolean } {
    if (this.chooser.rules.ends(token)) return this.#end('stop', now, token)
    const bytes = this.#vocabulary.bytesOf(token, this.#controlText)
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
    const { arrivedAt, admittedAt } = this.times
    return {
      key: this.key,
      done: stopString === undefined ? done : 'stop',
      ...(stopString !== undefined && { stopString }),
      ...(stopToken !== undefined && stopString === undefined && { stopToken }),
      completionTokens: this.#completionTokens,
      ...(this.#draftTokens > 0 && {
        drafts: { draftTokens: this.#draftTokens, acceptedDraftTokens: this.#acceptedDraftTokens },
      }),
      waitMillis: admittedAt - arrivedAt,
      prefillMillis: this.#firstTokenAt - admittedAt,
      decodeMillis: now - this.#firstTokenAt,
    }
  }

  #describe(token: number, logprobs: Logprobs): GeneratedToken {
    const one = (token: number, logprob: number): TokenLogprob => {
      const bytes = this.#vocabulary.bytesOf(token, this.#controlText)
      return { token, text: Buffer.from(bytes).toString(), bytes: [...bytes], logprob }
    }
    return {
      ...one(token, logprobs.chosen),
      top: logprobs.top.map(([other, logprob]) => one(other, logprob)),
    }
  }
}
