/** Response format of /completion: one object, an array for several sequences, or events whose last one is the object. */

import type { PromptProgress } from '@hadal/engine'
import {
  type NativeCompletion,
  type NativeCompletionDelta,
  type NativeProbabilities,
  type NativeTimings,
  sseJson,
} from '@hadal/protocol'
import type { Exchange } from '../dialect.ts'
import type { ChoiceDone, Generation } from '../generation.ts'
import { llamaServerErrors } from './error-body.ts'
import { probabilitiesOf, tokenByToken, type Written } from './probabilities.ts'
import { progressOf, timingsOf } from './timings.ts'

export interface CompletionShape {
  readonly stream: boolean
  /** 0: the output is not returned. */
  readonly maxTokens: number | undefined
  readonly returnTokens: boolean
  /** Streamed events include timings. */
  readonly timings: boolean
  /** Streamed events include prefill progress. */
  readonly progress?: boolean
  readonly probabilities: boolean
  readonly afterSampling: boolean
  /** Fields to return; empty means all. */
  readonly fields: readonly string[]
  readonly settings: Readonly<Record<string, unknown>>
  /** Each sequence's prompt as text and token count. */
  readonly prompts: readonly { readonly text: string; readonly tokens: number }[]
}

/** State of a streamed choice. */
interface Progress {
  tokens: number
  hasNewLine: boolean
  readonly slot: number
  /** Prefill progress. */
  prompt: PromptProgress
  /** Time of the first token. */
  startedAt: number | undefined
}

const nothing: Written = { text: '', tokens: [], logprobs: [] }

export function completionExchange(generation: Generation, shape: CompletionShape): Exchange {
  const { engine, id, n } = generation
  const { stream, maxTokens } = shape
  const alone = shape.prompts.length * n === 1
  const isHidden = maxTokens === 0
  /** Per choice, while streaming. */
  const progress = new Map<number, Progress>()

  const promptOf = (choice: number): CompletionShape['prompts'][number] =>
    shape.prompts[Math.floor(choice / n)]!
  const slotOf = (choice: number): number => {
    const key = alone ? id : `${id}.${choice}`
    return engine.snapshot().slots.find((slot) => slot.id === key)?.slot ?? -1
  }
  const probabilities = ({ logprobs }: Written): { completion_probabilities?: NativeProbabilities } =>
    shape.probabilities && logprobs.length > 0
      ? { completion_probabilities: probabilitiesOf(logprobs, shape.afterSampling) }
      : {}

  const whole = (
    choice: number,
    written: Written,
    done: ChoiceDone,
    hasNewLine: boolean,
    slot: number,
  ): NativeCompletion => {
    const { promptTokens, completionTokens } = done.usage
    const predicted = isHidden ? 0 : completionTokens
    const byLength = done.finishReason === 'length'
    const isFull = promptTokens + completionTokens >= engine.model.contextLength
    return {
      index: choice,
      content: written.text,
      tokens: shape.returnTokens ? written.tokens : [],
      id_slot: slot,
      stop: true,
      model: engine.model.id,
      tokens_predicted: predicted,
      tokens_evaluated: promptTokens,
      generation_settings: shape.settings,
      prompt: promptOf(choice).text,
      has_new_line: hasNewLine,
      truncated: byLength && isFull && (maxTokens === undefined || completionTokens < Math.max(1, maxTokens)),
      stop_type: stopType(done, isHidden),
      stopping_word: done.stopString ?? '',
      tokens_cached: promptTokens + Math.max(0, predicted - 1),
      timings: timingsOf(done.usage, done.timings, predicted),
      ...probabilities(written),
    }
  }

  const begun = (choice: number): Progress => ({
    tokens: 0,
    hasNewLine: false,
    slot: slotOf(choice),
    prompt: { promptTokens: promptOf(choice).tokens, cachedTokens: 0, computedTokens: 0, millis: 0 },
    startedAt: undefined,
  })
  const delta = (choice: number, part: Written, so: Progress, isProgress = false): string => {
    so.tokens += part.tokens.length
    const answer: NativeCompletionDelta = {
      index: choice,
      content: part.text,
      tokens: part.tokens,
      stop: false,
      id_slot: so.slot,
      tokens_predicted: so.tokens,
      tokens_evaluated: promptOf(choice).tokens,
      ...(shape.timings && { timings: timingsSoFar(so) }),
      ...(isProgress && { prompt_progress: progressOf(so.prompt) }),
      ...probabilities(part),
    }
    return sseJson(answer)
  }

  return {
    generation,
    stream,
    answer(choices) {
      const answers = choices.map((choice, index) => {
        const written = isHidden ? nothing : choice
        const answer = whole(index, written, choice.done, written.text.includes('\n'), slotOf(index))
        return selected(answer, shape.fields)
      })
      return alone ? answers[0] : answers
    },
    event(event) {
      const { choice } = event
      const so = progress.get(choice) ?? begun(choice)
      progress.set(choice, so)
      if (event.type === 'progress') {
        so.prompt = event
        return shape.progress === true ? delta(choice, nothing, so, true) : ''
      }
      if (event.type === 'done')
        return sseJson(selected(whole(choice, nothing, event, so.hasNewLine, so.slot), shape.fields))
      if (event.type !== 'delta' || isHidden) return ''
      so.startedAt ??= performance.now()
      so.hasNewLine ||= event.text.includes('\n')
      return (shape.probabilities ? tokenByToken(event) : [event])
        .map((part) => delta(choice, part, so))
        .join('')
    },
    end: () => '',
    failure: (error) => sseJson(llamaServerErrors.errorBody(error)),
  }
}

function stopType(
  { finishReason, stopString }: ChoiceDone,
  isHidden: boolean,
): NativeCompletion['stop_type'] {
  if (finishReason === 'content_filter') return 'content_filter'
  if (finishReason === 'length' || isHidden) return 'limit'
  return stopString === undefined ? 'eos' : 'word'
}

function timingsSoFar({ prompt, tokens, startedAt }: Progress): NativeTimings {
  const decodeMillis = startedAt === undefined ? 0 : performance.now() - startedAt
  const usage = {
    promptTokens: prompt.computedTokens,
    cachedTokens: prompt.cachedTokens,
    completionTokens: tokens,
  }
  return timingsOf(usage, { queueMillis: 0, prefillMillis: prompt.millis, decodeMillis })
}

/** `generation_settings/n_predict` is a nested field, returned under that name. */
function selected(answer: NativeCompletion, fields: readonly string[]): unknown {
  if (fields.length === 0) return answer
  const entries = fields.flatMap((path) => {
    let value: unknown = answer
    for (const key of path.split('/')) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return []
      value = (value as Record<string, unknown>)[key]
    }
    return [[path, value] as const]
  })
  return Object.fromEntries(entries)
}
