/**
 * The events of one engine sequence to the events of a choice: through a parser, where the answer has parts, and counting
 * what was reasoning. Knows no dialect.
 */

import type { OutputParser, OutputPart } from '@hadal/chat'
import type { GeneratedToken, GenerateEvent } from '@hadal/engine'
import type { ChoiceEvent } from './generation.ts'

type EngineDelta = Extract<GenerateEvent, { type: 'delta' }>
type EngineDone = Extract<GenerateEvent, { type: 'done' }>

export class OutputReader {
  readonly #choice: number
  readonly #parser: OutputParser | undefined
  /** Of text the parser holds back: they come with the next part. */
  #tokens: number[] = []
  #logprobs: GeneratedToken[] = []
  #reasoningTokens = 0
  #calls = 0

  constructor(choice: number, parser: OutputParser | undefined) {
    this.#choice = choice
    this.#parser = parser
  }

  *delta({ text, tokens, logprobs }: EngineDelta): Generator<ChoiceEvent> {
    if (this.#parser === undefined) {
      yield { type: 'delta', choice: this.#choice, text, tokens, logprobs }
      return
    }
    this.#tokens.push(...tokens)
    this.#logprobs.push(...logprobs)
    yield* this.#parts(this.#parser.push(text))
  }

  /** A sequence that stopped for tool calls says so. */
  *done(event: EngineDone, finishReason: 'stop' | 'length'): Generator<ChoiceEvent> {
    if (this.#parser !== undefined) yield* this.#parts(this.#parser.end())
    const { usage, timings, stopString, stopToken } = event
    if (this.#logprobs.length > 0) yield this.#text('delta', '')
    yield {
      type: 'done',
      choice: this.#choice,
      finishReason: finishReason === 'stop' && this.#calls > 0 ? 'tool_calls' : finishReason,
      ...(stopString !== undefined && { stopString }),
      ...(stopToken !== undefined && { stopToken }),
      usage: { ...usage, reasoningTokens: Math.min(this.#reasoningTokens, usage.completionTokens) },
      timings,
    }
  }

  *#parts(parts: readonly OutputPart[]): Generator<ChoiceEvent> {
    for (const part of parts) {
      if (part.type === 'content') yield this.#text('delta', part.text)
      else if (part.type === 'reasoning') {
        this.#reasoningTokens += this.#tokens.length
        yield this.#text('reasoning', part.text)
      } else {
        if (part.type === 'tool') this.#calls += 1
        yield { ...part, choice: this.#choice }
      }
    }
  }

  #text(type: 'delta' | 'reasoning', text: string): ChoiceEvent {
    const [tokens, logprobs] = [this.#tokens, this.#logprobs]
    this.#tokens = []
    this.#logprobs = []
    return { type, choice: this.#choice, text, tokens, logprobs }
  }
}
