/** What chat completions and completions read the same way: sampling, stop strings, limits. Knows no prompt. */

import type { GenerateUsage, SamplingParams } from '@hadal/engine'
import type { GenerationFields, Usage } from '@hadal/protocol'
import type { Spelling } from '../client-spelling.ts'
import { invalidRequest, unsupportedParameter } from '../errors.ts'
import type { SequenceOptions } from '../generation.ts'

export function sequenceFields(
  body: GenerationFields,
): Pick<SequenceOptions, 'sampling' | 'stop' | 'ignoreEos'> {
  return {
    sampling: samplingParams(body),
    stop: typeof body.stop === 'string' ? [body.stop] : (body.stop ?? []),
    ignoreEos: body.ignore_eos ?? false,
  }
}

function samplingParams(body: GenerationFields): SamplingParams {
  const { logit_bias: bias, seed } = body
  return given({
    temperature: body.temperature,
    topK: body.top_k === undefined ? undefined : Math.max(0, body.top_k),
    topP: body.top_p,
    minP: body.min_p,
    presencePenalty: body.presence_penalty,
    frequencyPenalty: body.frequency_penalty,
    repeatPenalty: body.repetition_penalty ?? body.repeat_penalty,
    penaltyWindow: body.repeat_last_n,
    logitBias: bias && new Map(Object.entries(bias).map(([token, value]) => [Number(token), value])),
    // OpenAI's seeds have 64 bits, samplers' 32.
    seed: seed === undefined ? undefined : seed >>> 0,
  })
}

/** `own` are the fields that the two APIs name differently. */
export function spellingOf(
  body: GenerationFields,
  own: Pick<Spelling, 'prompt' | 'maxTokens' | 'topLogprobs'>,
): Spelling {
  return {
    temperature: 'temperature',
    topK: 'top_k',
    topP: 'top_p',
    minP: 'min_p',
    presencePenalty: 'presence_penalty',
    frequencyPenalty: 'frequency_penalty',
    repeatPenalty: body.repetition_penalty === undefined ? 'repeat_penalty' : 'repetition_penalty',
    penaltyWindow: 'repeat_last_n',
    logitBias: 'logit_bias',
    seed: 'seed',
    ...own,
  }
}

/** What would change the answer is refused, never ignored. */
export function refuse(param: string, what: string): never {
  throw unsupportedParameter(param, what).with({ param })
}

export function checkSequences(prompts: number, n: number, most: number): void {
  if (prompts * n <= most) return
  const message = `times the number of prompts must be at most ${most}, got ${prompts * n}`
  throw invalidRequest([{ param: 'n', message }]).with({ param: 'n' })
}

/** One request's usage: a prompt counts once, however many choices continue it. */
export function totalUsage(usages: readonly GenerateUsage[], n: number): Usage {
  let [prompt_tokens, completion_tokens, cached_tokens] = [0, 0, 0]
  for (let first = 0; first < usages.length; first += n) {
    const choices = usages.slice(first, first + n)
    prompt_tokens += choices[0]!.promptTokens
    cached_tokens += Math.min(...choices.map((choice) => choice.cachedTokens))
    completion_tokens += choices.reduce((sum, choice) => sum + choice.completionTokens, 0)
  }
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    prompt_tokens_details: { cached_tokens },
  }
}

type Given<Fields> = { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> }

/** The fields that are there. */
function given<Fields extends object>(fields: Fields): Given<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Given<Fields>
}
