/**
 * The request of llama-server's POST /completion, with its sampling fields. Values that llama-server clamps are clamped here,
 * too. The response is in `completion-answer.ts`.
 */

import { z } from 'zod'
import { type SchemaField, schemaField } from '../openai/format-fields.ts'
import { optional, type Shape, upTo } from '../openai/optional.ts'
import { type SamplingFields, samplingShape } from '../openai/sampling-fields.ts'

/** Text, tokens, a mix of both, or an object with text, which may also have images. */
export type NativeSequence = string | readonly (number | string)[] | NativeTextPrompt

export interface NativeTextPrompt {
  readonly prompt_string: string
  /** Parsed only to be rejected. */
  readonly multimodal_data?: unknown
}

/** One sequence, or several. */
export type NativePrompt = NativeSequence | readonly NativeSequence[]

/** An adapter by its index in the list, or by its name. */
export interface NativeAdapterUse {
  readonly id: number | string
  readonly scale: number
}

/** `false` bans. A token by id, or every token of a text. */
export type NativeLogitBias =
  | readonly (readonly [token: number | string, bias: number | false])[]
  | Readonly<Record<string, number | false>>

export interface NativeCompletionRequest extends NativeGenerationFields {
  readonly prompt: NativePrompt
}

/** The fields of every native generation route. */
export interface NativeGenerationFields extends Omit<SamplingFields, 'logit_bias' | 'repetition_penalty'> {
  readonly model?: string | undefined
  readonly stream?: boolean | undefined
  /** -1: until the context is full. 0: only the prompt is computed. */
  readonly n_predict?: number | undefined
  /** Aliases, used if it is absent. */
  readonly max_completion_tokens?: number | undefined
  readonly max_tokens?: number | undefined
  readonly n_cmpl?: number | undefined
  readonly n?: number | undefined
  readonly stop?: string | readonly string[] | undefined
  readonly ignore_eos?: boolean | undefined
  readonly logit_bias?: NativeLogitBias | undefined
  readonly n_probs?: number | undefined
  readonly logprobs?: number | undefined
  readonly post_sampling_probs?: boolean | undefined
  readonly grammar?: string | undefined
  readonly json_schema?: SchemaField | undefined
  readonly cache_prompt?: boolean | undefined
  readonly return_tokens?: boolean | undefined
  readonly response_fields?: readonly string[] | undefined
  readonly lora?: readonly NativeAdapterUse[] | undefined
  /** Include timings in streamed events. */
  readonly timings_per_token?: boolean | undefined
  /** Include prompt progress in streams. */
  readonly return_progress?: boolean | undefined
  /** Milliseconds from the first token, after which the next line break ends the text; -1 means no limit. */
  readonly t_max_predict_ms?: number | undefined
  /** Parsed only to be rejected where they request something unsupported. */
  readonly n_indent?: number | undefined
  readonly adaptive_target?: number | undefined
  readonly grammar_lazy?: boolean | undefined
}

const int32 = 0x7fff_ffff
/** Per token. llama-server would return the whole vocabulary on request, which exhausts the client's memory. */
const maxProbabilities = 100
const isToken = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0
/** Each of them needs a tokenizer call. */
export const maxTexts = 4096
export const isMixed = (value: unknown): value is (number | string)[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((part) => isToken(part) || typeof part === 'string') &&
  hasFewTexts(value)
export const hasFewTexts = (parts: readonly unknown[]): boolean =>
  parts.length <= maxTexts ||
  parts.reduce<number>((sum, part) => sum + Number(typeof part === 'string'), 0) <= maxTexts
const isTextPrompt = (value: unknown): value is NativeTextPrompt =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as { prompt_string?: unknown }).prompt_string === 'string'
export const isSequence = (value: unknown): value is NativeSequence =>
  typeof value === 'string' || isMixed(value) || isTextPrompt(value)

/** By hand, because a prompt may have a million tokens. */
const isPrompt = (value: unknown): boolean =>
  isSequence(value) ||
  (Array.isArray(value) && value.length > 0 && value.length <= maxTexts && value.every(isSequence))

/** JSON Schema of values parsed by hand. */
const mixedJson = {
  type: 'array',
  minItems: 1,
  items: { anyOf: [{ type: 'integer', minimum: 0 }, { type: 'string' }] },
}
export const sequenceJson: readonly object[] = [
  { type: 'string' },
  mixedJson,
  { type: 'object', properties: { prompt_string: { type: 'string' } }, required: ['prompt_string'] },
]

export const nativePrompt: z.ZodType<NativePrompt> = z
  .custom<NativePrompt>(
    isPrompt,
    'must be a string, an array of tokens and at most 4096 strings, an object with a "prompt_string", or an array of at most 4096 of these',
  )
  .meta({ anyOf: [...sequenceJson, { type: 'array', minItems: 1, items: { anyOf: sequenceJson } }] })

/**
 * The sequences of a prompt. A list with a number in it is one sequence; a list of texts is several.
 *
 * @internal
 */
export function nativeSequences(prompt: NativePrompt): readonly NativeSequence[] {
  const isOne = !Array.isArray(prompt) || prompt.some((part) => typeof part === 'number')
  return isOne ? [prompt as NativeSequence] : (prompt as readonly NativeSequence[])
}

const number = (least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY): z.ZodType<number> =>
  z.number().transform((value) => Math.min(most, Math.max(least, value)))
const whole = (least: number, most = int32): z.ZodType<number> => z.int().min(least).max(most)
/** Some clients serialise all numbers as floats: `40.0` or `40.7`. */
const truncated = (least: number): z.ZodType<number> =>
  z.number().transform((value) => Math.min(int32, Math.max(least, Math.trunc(value))))
const bias = z.union([z.number(), z.literal(false)], 'must be a number or false')
const adapterId = z.union([z.int().min(0), z.string().min(1)], 'must be a whole number or a name')

export const nativeAdapterUses: z.ZodType<readonly NativeAdapterUse[]> = z
  .array(z.object({ id: adapterId, scale: z.number() }))
  .max(256)

const { logit_bias: _, repetition_penalty: __, ...sharedSampling } = samplingShape

export const nativeGenerationShape: Shape<NativeGenerationFields> = {
  ...sharedSampling,
  temperature: optional(number(0)),
  top_k: optional(truncated(0)),
  top_p: optional(number(0, 1)),
  min_p: optional(number(0, 1)),
  top_n_sigma: optional(z.number()),
  typical_p: optional(z.number()),
  xtc_probability: optional(number(0, 1)),
  xtc_threshold: optional(number(0, 1)),
  presence_penalty: optional(z.number()),
  frequency_penalty: optional(z.number()),
  repeat_penalty: optional(z.number()),
  repeat_last_n: optional(whole(-1)),
  dry_penalty_last_n: optional(whole(-1)),
  ignore_eos: optional(z.boolean()),
  logit_bias: optional(
    z.union(
      [
        z.array(z.tuple([z.union([z.int(), z.string()]), bias])).max(1024),
        upTo(1024, z.record(z.string(), bias)),
      ],
      'must be an array of [token, bias] pairs or an object of biases by token, at most 1024 of them',
    ),
  ) as z.ZodType<NativeLogitBias | undefined>,
  model: optional(z.string()),
  stream: optional(z.boolean()),
  n_predict: optional(whole(-1)),
  max_completion_tokens: optional(whole(-1)),
  max_tokens: optional(whole(-1)),
  n_cmpl: optional(whole(1, 128)),
  n: optional(whole(1, 128)),
  stop: optional(
    z.union([z.string(), z.array(z.string()).max(64)], 'must be a string or an array of at most 64 strings'),
  ),
  n_probs: optional(whole(0, maxProbabilities)),
  logprobs: optional(whole(0, maxProbabilities)),
  post_sampling_probs: optional(z.boolean()),
  grammar: optional(z.string()),
  json_schema: optional(schemaField),
  cache_prompt: optional(z.boolean()),
  return_tokens: optional(z.boolean()),
  response_fields: optional(z.array(z.string()).max(256)),
  lora: optional(nativeAdapterUses),
  timings_per_token: optional(z.boolean()),
  return_progress: optional(z.boolean()),
  t_max_predict_ms: optional(z.number().min(-1)),
  n_indent: optional(whole(0)),
  adaptive_target: optional(z.number()),
  grammar_lazy: optional(z.boolean()),
}

/**
 * The body of `POST /completion` in llama.cpp's server.
 *
 * @example
 * ```ts
 * import { nativeCompletionSchema, parse } from '@hadal/protocol'
 *
 * parse(nativeCompletionSchema, { prompt: 'Once', n_predict: 8 }).ok // → true
 * ```
 */
export const nativeCompletionSchema: z.ZodType<NativeCompletionRequest> = z.object({
  ...nativeGenerationShape,
  prompt: nativePrompt,
})

/** Field names unique to this API: their presence identifies it. */
const nativeOnly: readonly string[] = [
  'n_predict',
  'n_cmpl',
  'n_probs',
  'id_slot',
  'n_keep',
  'return_tokens',
  'response_fields',
  'post_sampling_probs',
  'json_schema',
  'cache_prompt',
  'lora',
  'timings_per_token',
  'samplers',
]

/**
 * Distinguishes two APIs on one path: OpenAI's clients always name a model, llama-server's hardly ever do.
 *
 * @internal
 */
export function isNativeCompletion(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false
  return !('model' in body) || nativeOnly.some((name) => name in body)
}
