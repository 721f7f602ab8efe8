/** How completions are written: the same shape whole and in chunks. An echoed prompt comes before the new text. */

import type { GeneratedToken, PromptToken } from '@hadal/engine'
import { type Completion, type CompletionRequest, sseDone, sseJson, type Usage } from '@hadal/protocol'
import type { Exchange } from '../dialect.ts'
import { errorBody } from '../error-answer.ts'
import type { ChoiceFinishReason, Generation } from '../generation.ts'
import { bestChoices } from './best-choices.ts'
import { completionLogprobsWriter } from './logprobs.ts'
import { systemFingerprint, totalUsage } from './read-request.ts'

export function completionExchange(
  generation: Generation,
  body: CompletionRequest,
  /** The prompts to repeat; none when not asked for. */
  echoes: readonly string[],
  created: number,
): Exchange {
  const { id, n, engine, prompts } = generation
  const returned = body.n ?? 1
  const model = engine.model.id
  const system_fingerprint = systemFingerprint(engine)
  const includeUsage = body.stream_options?.include_usage === true
  const withLogprobs = body.logprobs !== undefined
  const echoOf = (prompt: number): string => echoes[prompt] ?? ''
  const logprobsOf = Array.from({ length: prompts.length * n }, completionLogprobsWriter)
  const begun = new Set<number>()

  const completion = (choices: Completion['choices'], usage?: Usage | null): Completion => ({
    id,
    object: 'text_completion',
    created,
    model,
    system_fingerprint,
    choices,
    ...(usage !== undefined && { usage }),
  })
  const chunk = (
    index: number,
    text: string,
    finish_reason: ChoiceFinishReason | null,
    tokens?: readonly (GeneratedToken | PromptToken)[],
  ): string => {
    const logprobs = withLogprobs && tokens !== undefined ? logprobsOf[index]!(tokens) : null
    return sseJson(completion([{ index, text, logprobs, finish_reason }], includeUsage ? null : undefined))
  }
  const echo = (index: number, tokens?: readonly PromptToken[]): string => {
    if (begun.has(index)) return ''
    begun.add(index)
    const text = echoOf(Math.floor(index / n))
    return text === '' ? '' : chunk(index, text, null, tokens)
  }

  return {
    generation,
    stream: body.stream === true,
    answer: (choices): Completion =>
      completion(
        bestChoices(choices, n, returned).map(({ text, prompt, logprobs, done }, index) => ({
          index,
          text: echoOf(Math.floor(index / returned)) + text,
          logprobs: withLogprobs ? logprobsOf[index]!([...prompt, ...logprobs]) : null,
          finish_reason: done.finishReason,
        })),
        totalUsage(
          choices.map((choice) => choice.done.usage),
          n,
        ),
      ),
    event(event) {
      const index = event.choice
      switch (event.type) {
        case 'prompt':
          return echo(index, event.tokens)
        case 'done':
          return echo(index) + chunk(index, '', event.finishReason)
        case 'delta':
          if (event.text === '' && event.logprobs.length === 0) return echo(index)
          return echo(index) + chunk(index, event.text, null, event.logprobs)
        default:
          return ''
      }
    },
    end: (usages) => (includeUsage ? sseJson(completion([], totalUsage(usages, n))) : '') + sseDone,
    failure: (error) => sseJson(errorBody(error)),
  }
}
