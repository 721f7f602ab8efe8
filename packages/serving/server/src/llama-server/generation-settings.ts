/** Sampling settings as llama-server reports them in responses and /props: every field with its effective value. */

import type { SamplingParams } from '@hadal/engine'
import type { NativeAdapterUse } from '@hadal/protocol'

/** Fields of a request shown alongside its sampling. */
export interface ShownRequest {
  readonly maxTokens: number | undefined
  readonly stream: boolean
  readonly stop: readonly string[]
  /** End tokens, if they are ignored; otherwise empty. */
  readonly ignoredEnds: readonly number[]
  readonly ignoreEos: boolean
  readonly probabilities: number
  readonly afterSampling: boolean
  readonly grammar: string
  readonly adapters: readonly NativeAdapterUse[]
  readonly timings: boolean
}

export const emptyRequest: ShownRequest = {
  maxTokens: undefined,
  stream: false,
  stop: [],
  ignoredEnds: [],
  ignoreEos: false,
  probabilities: 0,
  afterSampling: false,
  grammar: '',
  adapters: [],
  timings: false,
}

/** llama.cpp's default order. */
const samplerOrder = [
  'penalties',
  'dry',
  'top_n_sigma',
  'top_k',
  'typ_p',
  'top_p',
  'min_p',
  'xtc',
  'temperature',
]

/** A bias that bans a token; shown as null because JSON has no infinity. */
const ban = -100

/** LLAMA_DEFAULT_SEED: a random seed per request. */
const randomSeed = 0xffff_ffff

/** Fields absent from `sampling` get llama.cpp's defaults, which are also the engine's. */
export function generationSettings(
  sampling: SamplingParams,
  requested: ShownRequest = emptyRequest,
): Readonly<Record<string, unknown>> {
  const tokens = requested.maxTokens ?? -1
  return {
    seed: sampling.seed ?? randomSeed,
    temperature: sampling.temperature ?? 0.8,
    dynatemp_range: sampling.dynamicTemperatureRange ?? 0,
    dynatemp_exponent: sampling.dynamicTemperatureExponent ?? 1,
    top_k: sampling.topK ?? 40,
    top_p: sampling.topP ?? 0.95,
    min_p: sampling.minP ?? 0.05,
    top_n_sigma: sampling.topNSigma ?? -1,
    xtc_probability: sampling.xtcProbability ?? 0,
    xtc_threshold: sampling.xtcThreshold ?? 0.1,
    typical_p: sampling.typicalP ?? 1,
    repeat_last_n: sampling.penaltyWindow ?? 64,
    repeat_penalty: sampling.repeatPenalty ?? 1,
    presence_penalty: sampling.presencePenalty ?? 0,
    frequency_penalty: sampling.frequencyPenalty ?? 0,
    dry_multiplier: sampling.dryMultiplier ?? 0,
    dry_base: sampling.dryBase ?? 1.75,
    dry_allowed_length: sampling.dryAllowedLength ?? 2,
    dry_penalty_last_n: sampling.dryPenaltyWindow ?? 64,
    dry_sequence_breakers: sampling.drySequenceBreakers ?? ['\n', ':', '"', '*'],
    mirostat: sampling.mirostat ?? 0,
    mirostat_tau: sampling.mirostatTau ?? 5,
    mirostat_eta: sampling.mirostatEta ?? 0.1,
    adaptive_target: -1,
    adaptive_decay: 0.9,
    stop: requested.stop,
    max_tokens: tokens,
    n_predict: tokens,
    n_keep: 0,
    n_discard: 0,
    ignore_eos: requested.ignoreEos,
    stream: requested.stream,
    logit_bias: [
      ...[...(sampling.logitBias ?? [])].map(([token, bias]) => ({ token, bias: bias <= ban ? null : bias })),
      ...requested.ignoredEnds.map((token) => ({ token, bias: null })),
    ],
    n_probs: requested.probabilities,
    min_keep: sampling.minKeep ?? 0,
    grammar: requested.grammar,
    grammar_lazy: false,
    grammar_triggers: [],
    preserved_tokens: [],
    chat_format: 'Content-only',
    reasoning_format: 'none',
    reasoning_in_content: false,
    generation_prompt: '',
    samplers: sampling.samplers ?? samplerOrder,
    'speculative.types': 'none',
    timings_per_token: requested.timings,
    post_sampling_probs: requested.afterSampling,
    backend_sampling: false,
    lora: requested.adapters,
  }
}
