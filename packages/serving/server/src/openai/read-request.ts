/** Fields that chat completions and completions share: sampling, stops, limits, adapters. */

import { createHash } from 'node:crypto'
import type { Engine } from '@hadal/engine'
import type { GenerationFields, Usage } from '@hadal/protocol'
import { invalidField } from '../field-issues.ts'
import type { ChoiceUsage, SequenceOptions, Spelling } from '../generation.ts'
import { adapterUses, samplerNames, samplingOf, samplingSpelling } from '../llama-server/read-sampling.ts'

type SharedOptions = Pick<
  SequenceOptions,
  | 'sampling'
  | 'stop'
  | 'stopTokens'
  | 'ignoreEos'
  | 'minTokens'
  | 'logprobsAfterSampling'
  | 'adapters'
  | 'reusePrefix'
  | 'owner'
  | 'priority'
  | 'deadlineMillis'
  | 'reportsProgress'
>

/** Throws `invalid_request` and `adapter_unknown`. */
export function sequenceFields(body: GenerationFields, engine: Engine): SharedOptions {
  const { logit_bias: bias, repetition_penalty, repeat_penalty, ...sampling } = body
  checkSamplers(body.samplers)
  return {
    sampling: samplingOf(
      { ...sampling, repeat_penalty: repetition_penalty ?? repeat_penalty },
      bias && new Map(Object.entries(bias).map(([token, value]) => [Number(token), value])),
    ),
    stop: [body.stop ?? []].flat().filter((text) => text !== ''),
    ignoreEos: body.ignore_eos ?? false,
    ...(body.stop_token_ids !== undefined && { stopTokens: body.stop_token_ids }),
    ...(body.min_tokens !== undefined && { minTokens: body.min_tokens }),
    ...(body.post_sampling_probs === true && { logprobsAfterSampling: true }),
    ...(body.lora !== undefined && { adapters: adapterUses(engine, body.lora) }),
    ...(body.cache_prompt === false && { reusePrefix: false }),
    ...(body.user_id !== undefined && { owner: body.user_id }),
    ...(body.priority !== undefined && { priority: body.priority }),
    ...(body.deadline_ms !== undefined && { deadlineMillis: body.deadline_ms }),
    ...((body.return_progress === true || body.timings_per_token === true) && { reportsProgress: true }),
  }
}

function checkSamplers(samplers: GenerationFields['samplers']): void {
  for (const [index, name] of [...(samplers ?? [])].entries()) {
    if (samplerNames([name]).length > 0) continue
    throw invalidField(`samplers[${index}]`, `is no sampler, got ${JSON.stringify(name)}`)
  }
}

/** The token limit, if any. */
export function tokenLimit(given: number | undefined): { readonly maxTokens?: number } {
  return given === undefined || given < 0 ? {} : { maxTokens: given }
}

/** `own` lists the fields that the two APIs name differently. */
export function spellingOf(
  body: GenerationFields,
  own: Pick<Spelling, 'prompt' | 'maxTokens' | 'topLogprobs' | 'grammar'>,
): Spelling {
  return {
    ...samplingSpelling,
    repeatPenalty: body.repetition_penalty === undefined ? 'repeat_penalty' : 'repetition_penalty',
    stopTokens: 'stop_token_ids',
    minTokens: 'min_tokens',
    adapters: 'lora',
    ...own,
  }
}

export function checkSequences(prompts: number, n: number, most: number, param = 'n'): void {
  if (prompts * n <= most) return
  throw invalidField(param, `times the number of prompts must be at most ${most}, got ${prompts * n}`)
}

/** Usage of one request: a prompt counts once, however many choices continue it. */
export function totalUsage(usages: readonly ChoiceUsage[], n: number): Usage {
  let [prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens] = [0, 0, 0, 0]
  let [accepted_prediction_tokens, rejected_prediction_tokens] = [0, 0]
  for (let first = 0; first < usages.length; first += n) {
    const choices = usages.slice(first, first + n)
    prompt_tokens += choices[0]!.promptTokens
    cached_tokens += Math.min(...choices.map((choice) => choice.cachedTokens))
    for (const choice of choices) {
      completion_tokens += choice.completionTokens
      reasoning_tokens += choice.reasoningTokens
      const { draftTokens = 0, acceptedDraftTokens = 0 } = choice
      accepted_prediction_tokens += acceptedDraftTokens
      rejected_prediction_tokens += draftTokens - acceptedDraftTokens
    }
  }
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    prompt_tokens_details: { cached_tokens, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens,
      audio_tokens: 0,
      accepted_prediction_tokens,
      rejected_prediction_tokens,
    },
    prompt_cache_hit_tokens: cached_tokens,
    prompt_cache_miss_tokens: prompt_tokens - cached_tokens,
  }
}

const fingerprints = new WeakMap<Engine, string>()

/** Identical for the same model with the same settings. */
export function systemFingerprint(engine: Engine): string {
  const known = fingerprints.get(engine)
  if (known !== undefined) return known
  const { id, architecture, parameterCount, fileBytes } = engine.model
  const what = JSON.stringify([id, architecture, parameterCount, fileBytes, engine.choices])
  // Uses llama-server's prefix, which its clients look for.
  const fingerprint = `build_${createHash('sha256').update(what).digest('hex').slice(0, 10)}`
  fingerprints.set(engine, fingerprint)
  return fingerprint
}
