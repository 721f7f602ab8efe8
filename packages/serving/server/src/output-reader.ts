/** Converts one sequence's engine events to choice events: parses the output into parts and counts reasoning tokens. */

import type { OutputParser, OutputPart } from '@hadal/chat'
import type { GeneratedToken, GenerateEvent } from '@hadal/engine'
import type { ChoiceEvent } from './generation.ts'

type EngineDelta = Extract<GenerateEvent, { type: 'delta' }>
type EngineDone = Extract<GenerateEvent, { type: 'done' }>

export class OutputReader {
  readonly #choice: number
  readonly #parser: OutputParser | undefined
  /** Tokens of text the parser holds back; emitted with the next part. */
  #tokens: number[] = []
  #logprobs: GeneratedToken[] = []
  /** Type of the last text. */
  #type: 'delta' | 'reasoning' = 'delta'
  #reasoningTokens = 0
  #calls = 0

  constructor(choice: number, parser: OutputParser | undefined) {
    this.#choice = choice
    this.#parser = parser
  }

  delta({ text, tokens, logprobs }: EngineDelta): readonly ChoiceEvent[] {
    if (this.#parser === undefined) return [{ type: 'delta', choice: this.#choice, text, tokens, logprobs }]
    this.#tokens.push(...tokens)
    this.#logprobs.push(...logprobs)
    return this.#parts(this.#parser.push(text))
  }

  /** Ending with tool calls overrides `stop`. */
  done(event: EngineDone, finishReason: 'stop' | 'length' | 'content_filter'): readonly ChoiceEvent[] {
    const last = this.#parser === undefined ? [] : this.#parts(this.#parser.end())
    const { usage, timings, stopString, stopToken } = event
    const done: ChoiceEvent = {
      type: 'done',
      choice: this.#choice,
      finishReason: finishReason === 'stop' && this.#calls > 0 ? 'tool_calls' : finishReason,
      ...(stopString !== undefined && { stopString }),
      ...(stopToken !== undefined && { stopToken }),
      usage: { ...usage, reasoningTokens: Math.min(this.#reasoningTokens, usage.completionTokens) },
      timings,
    }
    return [...last, done]
  }

  #parts(parts: readonly OutputPart[]): ChoiceEvent[] {
    return parts.map((part) => {
      if (part.type === 'content') return this.#text('delta', part.text)
      if (part.type === 'reasoning') {
        this.#reasoningTokens += this.#tokens.length
        return this.#text('reasoning', part.text)
      }
      if (part.type === 'tool') this.#calls += 1
      return { ...part, choice: this.#choice }
    })
  }

  #text(type: 'delta' | 'reasoning', text: string): ChoiceEvent {
    const tokens = this.#tokens
    this.#tokens = []
    const [logprobs, later] =
      this.#logprobs.length === 0 ? [[], []] : tokensOf(text, this.#logprobs, type !== this.#type)
    this.#type = type
    this.#logprobs = later
    return { type, choice: this.#choice, text, tokens, logprobs }
  }
}

/**
 * The tokens of `text`, without the markup's, and those after it. All of them if they do not spell it, because a character may be split.
 */
function tokensOf(
  text: string,
  tokens: GeneratedToken[],
  afterMarkup: boolean,
): readonly [logprobs: readonly GeneratedToken[], later: GeneratedToken[]] {
  const written = tokens.map((token) => token.text).join('')
  const start = afterMarkup ? written.lastIndexOf(text) : written.indexOf(text)
  if (start < 0) return [tokens, []]
  const end = start + text.length
  const ofText: GeneratedToken[] = []
  const later: GeneratedToken[] = []
  let from = 0
  for (const token of tokens) {
    const to = from + token.text.length
    if (from >= end) later.push(token)
    else if (to > start) ofText.push(token)
    from = to
  }
  return [ofText, later]
}
