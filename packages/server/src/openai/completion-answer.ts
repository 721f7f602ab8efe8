/** How completions are written: the same shape whole and in chunks. An echoed prompt comes before the new text. */

import type { GeneratedToken } from '@hadal/engine'
import { type Completion, type CompletionRequest, sseDone, sseJson, type Usage } from '@hadal/protocol'
import type { Exchange } from '../dialect.ts'
import { errorBody } from '../error-answer.ts'
import type { ChoiceFinishReason, Generation } from '../generation.ts'
import { completionLogprobsWriter } from './logprobs.ts'
import { totalUsage } from './read-request.ts'

export function completionExchange(
  generation: Generation,
  body: CompletionRequest,
  /** The prompts to repeat; none when not asked for. */
  echoes: readonly string[],
  created: number,
): Exchange {
  const { id, n, engine, prompts } = generation
  const model = engine.model.id
  const includeUsage = body.stream_options?.include_usage === true
  const echoOf = (index: number): string => echoes[Math.floor(index / n)] ?? ''
  const logprobsOf = Array.from({ length: prompts.length * n }, completionLogprobsWriter)
  const begun = new Set<number>()

  const completion = (choices: Completion['choices'], usage?: Usage | null): Completion => ({
    id,
    object: 'text_completion',
    created,
    model,
    choices,
    ...(usage !== undefined && { usage }),
  })
  const chunk = (
    index: number,
    text: string,
    finish_reason: ChoiceFinishReason | null,
    tokens?: readonly GeneratedToken[],
  ): string => {
    const logprobs = tokens === undefined ? null : logprobsOf[index]!(tokens)
    return sseJson(completion([{ index, text, logprobs, finish_reason }], includeUsage ? null : undefined))
  }
  const echo = (index: number): string => {
    if (begun.has(index)) return ''
    begun.add(index)
    return echoOf(index) === '' ? '' : chunk(index, echoOf(index), null)
  }

  return {
    generation,
    stream: body.stream === true,
    answer: (choices): Completion =>
      completion(
        choices.map(({ text, logprobs, done }, index) => ({
          index,
          text: echoOf(index) + text,
          logprobs: generation.sequence.topLogprobs === undefined ? null : logprobsOf[index]!(logprobs),
          finish_reason: done.finishReason,
        })),
        totalUsage(
          choices.map((choice) => choice.done.usage),
          n,
        ),
      ),
    event(event) {
      const index = event.choice
      if (event.type === 'done') return echo(index) + chunk(index, '', event.finishReason)
      if (event.type !== 'delta') return ''
      if (event.text === '' && event.logprobs.length === 0) return echo(index)
      return (
        echo(index) +
        chunk(
          index,
          event.text,
          null,
          generation.sequence.topLogprobs === undefined ? undefined : event.logprobs,
        )
      )
    },
    end: (usages) => (includeUsage ? sseJson(completion([], totalUsage(usages, n))) : '') + sseDone,
    failure: (error) => sseJson(errorBody(error)),
  }
}
