/**
 * Sampling fields of requests: OpenAI's, with its ranges, and those of llama-server and vLLM, with ranges no wider than
 * llama.cpp's, so that invalid values are rejected under their own name.
 */

import { z } from 'zod'
import { optional, type Shape, upTo } from './optional.ts'

export interface SamplingFields {
  readonly temperature?: number | undefined
  readonly top_p?: number | undefined
  /** 0 or -1 disables it. */
  readonly top_k?: number | undefined
  readonly min_p?: number | undefined
  readonly typical_p?: number | undefined
  readonly top_n_sigma?: number | undefined
  readonly presence_penalty?: number | undefined
  readonly frequency_penalty?: number | undefined
  /** vLLM's name. */
  readonly repetition_penalty?: number | undefined
  /** llama-server's name for the same. */
  readonly repeat_penalty?: number | undefined
  /** -1 means the whole context. */
  readonly repeat_last_n?: number | undefined
  readonly xtc_probability?: number | undefined
  readonly xtc_threshold?: number | undefined
  readonly dynatemp_range?: number | undefined
  readonly dynatemp_exponent?: number | undefined
  readonly dry_multiplier?: number | undefined
  readonly dry_base?: number | undefined
  readonly dry_allowed_length?: number | undefined
  readonly dry_penalty_last_n?: number | undefined
  readonly dry_sequence_breakers?: readonly string[] | undefined
  readonly mirostat?: 0 | 1 | 2 | undefined
  readonly mirostat_tau?: number | undefined
  readonly mirostat_eta?: number | undefined
  readonly min_keep?: number | undefined
  /** Names, or llama.cpp's letters. */
  readonly samplers?: string | readonly string[] | undefined
  /** Token id, as a string, to additive bias. */
  readonly logit_bias?: Readonly<Record<string, number>> | undefined
  /** -1: random. */
  readonly seed?: number | undefined
}

const penalty = (): z.ZodType<number | undefined> => optional(z.number().min(-2).max(2))
const share = (): z.ZodType<number | undefined> => optional(z.number().min(0).max(1))

export const samplingShape: Shape<SamplingFields> = {
  temperature: optional(z.number().min(0).max(2)),
  top_p: share(),
  top_k: optional(z.int().min(-1).max(0x7fff_ffff)),
  min_p: share(),
  typical_p: share(),
  top_n_sigma: optional(z.number().min(-1).max(100)),
  presence_penalty: penalty(),
  frequency_penalty: penalty(),
  repetition_penalty: optional(z.number().min(0.01).max(10)),
  repeat_penalty: optional(z.number().min(0.01).max(10)),
  repeat_last_n: optional(z.int().min(-1).max(65_536)),
  xtc_probability: share(),
  xtc_threshold: share(),
  dynatemp_range: optional(z.number().min(0).max(2)),
  dynatemp_exponent: optional(z.number().min(0).max(100)),
  dry_multiplier: optional(z.number().min(0).max(100)),
  dry_base: optional(z.number().min(0).max(100)),
  dry_allowed_length: optional(z.int().min(0).max(65_536)),
  dry_penalty_last_n: optional(z.int().min(-1).max(65_536)),
  dry_sequence_breakers: optional(z.array(z.string().min(1).max(64)).max(64)),
  mirostat: optional(z.literal([0, 1, 2])),
  mirostat_tau: optional(z.number().min(0).max(100)),
  mirostat_eta: optional(z.number().min(0).max(1)),
  min_keep: optional(z.int().min(0).max(65_536)),
  samplers: optional(
    z.union([z.string(), z.array(z.string()).max(64)], 'must be a string or an array of at most 64 names'),
  ),
  logit_bias: optional(upTo(4096, z.record(z.string().regex(/^\d+$/), z.number().min(-100).max(100)))),
  seed: optional(z.int()),
}
