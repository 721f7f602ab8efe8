/**
 * The request fields that chat completions and completions share, with OpenAI's ranges, plus the sampling fields that
 * vLLM and llama-server added and clients send, with ranges no wider than llama.cpp's, so that a value is refused here, by
 * its own name. Fields not named here are dropped, never faults. Knows no engine.
 */

import { z } from 'zod'

export interface GenerationFields {
  readonly model?: string | undefined
  readonly stream?: boolean | undefined
  readonly stream_options?: { readonly include_usage?: boolean | undefined } | undefined
  readonly n?: number | undefined
  readonly stop?: string | readonly string[] | undefined
  readonly max_tokens?: number | undefined
  readonly seed?: number | undefined
  readonly temperature?: number | undefined
  readonly top_p?: number | undefined
  /** 0 or -1 turns it off. */
  readonly top_k?: number | undefined
  readonly min_p?: number | undefined
  readonly presence_penalty?: number | undefined
  readonly frequency_penalty?: number | undefined
  /** vLLM's name. */
  readonly repetition_penalty?: number | undefined
  /** llama-server's name for the same. */
  readonly repeat_penalty?: number | undefined
  readonly repeat_last_n?: number | undefined
  /** Token id, as a string, to additive bias. */
  readonly logit_bias?: Readonly<Record<string, number>> | undefined
  readonly ignore_eos?: boolean | undefined
}

/** The zod shape of an interface: one schema for each field. */
export type Shape<Fields> = { readonly [Field in keyof Fields]-?: z.ZodType<Fields[Field]> }

/** Absent and `null` both mean "not given": clients send either. */
export function optional<T>(schema: z.ZodType<T>): z.ZodType<T | undefined> {
  return schema.nullish().transform((value) => value ?? undefined)
}

const nonEmpty = z.string().min(1)

export const generationShape: Shape<GenerationFields> = {
  model: optional(z.string()),
  stream: optional(z.boolean()),
  stream_options: optional(z.object({ include_usage: optional(z.boolean()) })),
  n: optional(z.int().min(1).max(128)),
  stop: optional(
    z.union([nonEmpty, z.array(nonEmpty).max(64)], 'must be a string or an array of at most 64 strings'),
  ),
  max_tokens: optional(z.int().min(1)),
  seed: optional(z.int()),
  temperature: optional(z.number().min(0).max(2)),
  top_p: optional(z.number().min(0).max(1)),
  top_k: optional(z.int().min(-1).max(0x7fff_ffff)),
  min_p: optional(z.number().min(0).max(1)),
  presence_penalty: optional(z.number().min(-2).max(2)),
  frequency_penalty: optional(z.number().min(-2).max(2)),
  repetition_penalty: optional(z.number().min(0.01).max(10)),
  repeat_penalty: optional(z.number().min(0.01).max(10)),
  repeat_last_n: optional(z.int().min(0).max(65_536)),
  logit_bias: optional(z.record(z.string().regex(/^\d+$/), z.number().min(-100).max(100))),
  ignore_eos: optional(z.boolean()),
}

/** Fields whose meaning depends on each other; given to `superRefine`. */
export function checkStreamOptions(body: GenerationFields, context: z.RefinementCtx): void {
  if (body.stream_options !== undefined && body.stream !== true)
    context.addIssue({
      code: 'custom',
      path: ['stream_options'],
      message: 'is only allowed with "stream": true',
    })
}
