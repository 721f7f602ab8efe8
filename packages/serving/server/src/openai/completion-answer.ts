/** Formats completions, streaming and not. An echoed prompt precedes the new text. */

import type { GeneratedToken, PromptToken } from '@hadal/engine'
import { type Completion, type CompletionRequest, sseDone, sseJson, type Usage } from '@hadal/protocol'
import { errorBody } from '../answer/error-answer.ts'
import type { Exchange } from '../dialect.ts'
import type { ChoiceDone, ChoiceFinishReason, ChoiceUsage, Generation } from '../generation.ts'
import { NativeFigures, noFigures } from '../llama-server/native-figures.ts'
import { timingsOf } from '../llama-server/timings.ts'
import { repeatedEvent } from '../repeated-event.ts'
import { bestChoices } from './best-choices.ts'
import type { AnswerManner } from './chat-shape.ts'
import { completionLogprobsWriter } from './logprobs.ts'
import { systemFingerprint, totalUsage } from './read-request.ts'

export interface CompletionShape {
  /** The prompts to echo; none if not requested. */
  readonly echoes: readonly string[]
  /** The echoed prompt tokens. */
  readonly echoed: (tokens: readonly PromptToken[]) => readonly PromptToken[]
  readonly created: number
  readonly manner: AnswerManner
}

type More = Pick<Completion, 'usage' | 'timings' | 'prompt_progress'>

export function completionExchange(
  generation: Generation,
  body: CompletionRequest,
  { echoes, echoed, created, manner }: CompletionShape,
): Exchange {
  const { id, n, engine, prompts } = generation
  const returned = body.n ?? 1
  const model = engine.model.id
  const system_fingerprint = systemFingerprint(engine)
  const includeUsage = body.stream_options?.include_usage === true
  const withLogprobs = body.logprobs !== undefined
  /** Only the prompt's log probabilities were requested; generated text is not returned. */
  const hidesText = body.max_tokens === 0
  const sequences = prompts.length * n
  const echoOf = (prompt: number): string => echoes[prompt] ?? ''
  const logprobsOf = Array.from({ length: sequences }, completionLogprobsWriter)
  const begun = new Set<number>()
  const ended = new Set<number>()
  /** Timings of the only choice, once it is done. */
  let timings: Pick<Completion, 'timings'> = {}
  const timingsAt = ({ usage, timings: measured }: ChoiceDone): Pick<Completion, 'timings'> =>
    sequences === 1 ? { timings: timingsOf(usage, measured) } : {}

  const figures = Array.from({ length: sequences }, () => new NativeFigures(body))

  const completion = (choices: Completion['choices'], more: More): Completion => ({
    id,
    object: 'text_completion',
    created,
    model,
    system_fingerprint,
    choices,
    ...more,
  })
  const chunk = (choices: Completion['choices'], more: More = {}): string =>
    sseJson(completion(choices, includeUsage ? { usage: null, ...more } : more))
  const piece = (
    index: number,
    text: string,
    tokens?: readonly (GeneratedToken | PromptToken)[],
    more?: More,
  ): string => {
    const logprobs = withLogprobs && tokens !== undefined ? logprobsOf[index]!(tokens) : null
    return chunk([{ index, text, logprobs, finish_reason: null }], more)
  }
  /** Preserialized chunks for plain text of each choice. */
  const plain = Array.from({ length: sequences }, (_, index) => repeatedEvent((text) => piece(index, text)))
  const end = (index: number, finish_reason: ChoiceFinishReason, more?: More): string =>
    chunk([{ index, text: '', logprobs: null, finish_reason }], more)
  const echo = (index: number, tokens?: readonly PromptToken[]): string => {
    if (begun.has(index)) return ''
    begun.add(index)
    const text = echoOf(Math.floor(index / n))
    return text === '' ? '' : piece(index, text, tokens)
  }
  const usageOf = (usages: readonly ChoiceUsage[]): Usage =>
    totalUsage(hidesText ? usages.map((usage) => ({ ...usage, completionTokens: 0 })) : usages, n)

  return {
    generation,
    stream: body.stream === true,
    answer: (choices): Completion =>
      completion(
        bestChoices(choices, n, returned).map(({ text, prompt, logprobs, done }, index) => ({
          index,
          text: echoOf(Math.floor(index / returned)) + (hidesText ? '' : text),
          logprobs: withLogprobs
            ? logprobsOf[index]!([...echoed(prompt), ...(hidesText ? [] : logprobs)])
            : null,
          finish_reason: hidesText ? 'length' : done.finishReason,
        })),
        { usage: usageOf(choices.map((choice) => choice.done.usage)), ...timingsAt(choices[0]!.done) },
      ),
    event(event) {
      const index = event.choice
      const more = figures[index]!.after(event)
      switch (event.type) {
        case 'progress':
          return more.prompt_progress === undefined ? '' : piece(index, '', undefined, more)
        case 'prompt':
          return echo(index, echoed(event.tokens))
        case 'done':
          ended.add(index)
          timings = timingsAt(event)
          return (
            echo(index) + end(index, hidesText ? 'length' : event.finishReason, includeUsage ? {} : timings)
          )
        case 'delta':
          if (hidesText || (event.text === '' && event.logprobs.length === 0)) return echo(index)
          if (more === noFigures && !withLogprobs) return echo(index) + plain[index]!(event.text)
          return echo(index) + piece(index, event.text, event.logprobs, more)
        default:
          return ''
      }
    },
    end: (usages) => (includeUsage ? chunk([], { usage: usageOf(usages), ...timings }) : '') + sseDone,
    failure(error) {
      if (manner === 'openai' || error.status < 500) return sseJson(errorBody(error))
      const open = Array.from({ length: sequences }, (_, index) => index).filter((index) => !ended.has(index))
      return open.map((index) => end(index, 'insufficient_system_resource')).join('') + sseDone
    },
  }
}
