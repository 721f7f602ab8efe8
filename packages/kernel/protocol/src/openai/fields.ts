/** The request fields shared by chat completions and completions, apart from sampling and format. */

import { z } from 'zod'
import { type FormatFields, formatShape } from './format-fields.ts'
import { optional, type Shape } from './optional.ts'
import { type SamplingFields, samplingShape } from './sampling-fields.ts'

export interface GenerationFields extends SamplingFields, FormatFields {
  readonly model?: string | undefined
  readonly stream?: boolean | undefined
  readonly stream_options?:
    | { readonly include_usage?: boolean | undefined; readonly include_obfuscation?: boolean | undefined }
    | undefined
  readonly n?: number | undefined
  /** Empty strings are ignored. */
  readonly stop?: string | readonly string[] | undefined
  readonly stop_token_ids?: readonly number[] | undefined
  /** -1 means no limit. */
  readonly max_tokens?: number | undefined
  /** llama-server's name for it. */
  readonly n_predict?: number | undefined
  readonly min_tokens?: number | undefined
  readonly ignore_eos?: boolean | undefined
  /** Return log-probabilities after the samplers. */
  readonly post_sampling_probs?: boolean | undefined
  /** LoRA adapters by id, or by their index in the list of loaded ones. */
  readonly lora?: readonly { readonly id: string | number; readonly scale: number }[] | undefined
  /** Whether the prompt may reuse a cached prefix. */
  readonly cache_prompt?: boolean | undefined
  /** DeepSeek's: the user whose cached prompts may be shared. */
  readonly user_id?: string | undefined
  /** vLLM's: lower goes first. */
  readonly priority?: number | undefined
  /** Milliseconds until which the first token must arrive; otherwise the request is rejected. */
  readonly deadline_ms?: number | undefined
  /** llama-server's, for streams: prompt progress and timings. */
  readonly return_progress?: boolean | undefined
  readonly timings_per_token?: boolean | undefined
  /** Accepted without effect, because clients send them. */
  readonly user?: string | undefined
  readonly safety_identifier?: string | undefined
  readonly prompt_cache_key?: string | undefined
  readonly metadata?: unknown
  readonly store?: boolean | undefined
  readonly service_tier?: string | undefined
}

const nonEmpty = z.string().min(1)
/** In characters; stored with each cached prompt. */
export const longestUserId = 512
/** @internal */
export const priorityRange = { least: -1000, most: 1000 } as const
/**
 * One day.
 *
 * @internal
 */
export const longestDeadlineMillis = 86_400_000
const tokenId = z.int().min(0)
/** Counts that samplers or loops store in 31 bits. */
const count = z.int().max(0x7fff_ffff)

const tokenLimit = (): z.ZodType<number | undefined> =>
  optional(count.min(-1).refine((value) => value !== 0, 'must be at least 1, or -1 for no limit'))

export const generationShape: Shape<GenerationFields> = {
  ...samplingShape,
  ...formatShape,
  model: optional(z.string()),
  stream: optional(z.boolean()),
  stream_options: optional(
    z.object({ include_usage: optional(z.boolean()), include_obfuscation: optional(z.boolean()) }),
  ),
  n: optional(z.int().min(1).max(128)),
  stop: optional(
    z.union([z.string(), z.array(z.string()).max(64)], 'must be a string or an array of at most 64 strings'),
  ),
  stop_token_ids: optional(z.array(tokenId).max(64)),
  max_tokens: tokenLimit(),
  n_predict: tokenLimit(),
  min_tokens: optional(count.min(0)),
  ignore_eos: optional(z.boolean()),
  post_sampling_probs: optional(z.boolean()),
  lora: optional(
    z
      .array(z.object({ id: z.union([nonEmpty, z.int().min(0)]), scale: z.number().min(-100).max(100) }))
      .max(64),
  ),
  cache_prompt: optional(z.boolean()),
  user_id: optional(nonEmpty.max(longestUserId)),
  priority: optional(z.int().min(priorityRange.least).max(priorityRange.most)),
  deadline_ms: optional(z.int().min(1).max(longestDeadlineMillis)),
  return_progress: optional(z.boolean()),
  timings_per_token: optional(z.boolean()),
  user: optional(z.string()),
  safety_identifier: optional(z.string()),
  prompt_cache_key: optional(z.string()),
  metadata: optional(z.unknown()),
  store: optional(z.boolean()),
  service_tier: optional(z.string()),
}

/** Validates fields that depend on each other; for `superRefine`. */
export function checkStreamOptions(body: GenerationFields, context: z.RefinementCtx): void {
  if (body.stream_options !== undefined && body.stream !== true)
    context.addIssue({
      code: 'custom',
      path: ['stream_options'],
      message: 'is only allowed with "stream": true',
    })
}
