/**
 * KServe's Open Inference Protocol, version 2, with Triton's extensions for binary tensors, classification and scheduling: POST
 * /v2/models/NAME/infer. Tensor data is parsed by hand: it can have a million numbers.
 */

import { z } from 'zod'
import { optional, type Shape } from '../openai/optional.ts'

/** Free-form parameters of a request, an input or an output; supported ones are named where they are read. */
export type InferParameters = Readonly<Record<string, unknown>>

export interface InferInput {
  readonly name: string
  readonly shape: readonly number[]
  readonly datatype: string
  readonly parameters?: InferParameters | undefined
  /** Flat, or nested like the shape; absent if sent as bytes. */
  readonly data?: unknown
}

export interface InferOutput {
  readonly name: string
  readonly parameters?: InferParameters | undefined
}

export interface InferBody {
  readonly id?: string | undefined
  /** Ignored: the path determines the model. */
  readonly model_name?: string | undefined
  readonly parameters?: InferParameters | undefined
  readonly inputs: readonly InferInput[]
  readonly outputs?: readonly InferOutput[] | undefined
}

/** More than any model has. */
const maxDimensions = 32

const parameters = optional(z.record(z.string(), z.unknown()))
const input = z.object({
  name: z.string().min(1),
  shape: z.array(z.int().min(0)).max(maxDimensions),
  datatype: z.string().min(1),
  parameters,
  data: z.unknown(),
} satisfies Shape<InferInput>)
const output = z.object({ name: z.string().min(1), parameters } satisfies Shape<InferOutput>)

/**
 * The body of KServe's `POST /v2/models/{model}/infer`.
 *
 * @example
 * ```ts
 * import { inferBodySchema, parse } from '@hadal/protocol'
 *
 * parse(inferBodySchema, { inputs: [{ name: 'x', shape: [1, 2], datatype: 'FP32', data: [1, 2] }] }).ok // → true
 * ```
 */
export const inferBodySchema: z.ZodType<InferBody> = z.object({
  id: optional(z.string().max(1024)),
  model_name: optional(z.string()),
  parameters,
  inputs: z.array(input).min(1),
  outputs: optional(z.array(output)),
} satisfies Shape<InferBody>) as unknown as z.ZodType<InferBody>

/** An output tensor; `data` is absent if it follows as bytes. */
export interface InferredTensor {
  readonly name: string
  readonly datatype: string
  readonly shape: readonly number[]
  readonly parameters?: { readonly binary_data_size: number }
  readonly data?: readonly (number | string | boolean | null)[]
}

/**
 * The response of `POST /v2/models/digits/infer`.
 *
 * @example
 * ```ts
 * import type { InferAnswer } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/v2/models/digits/infer', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json' },
 *   body: JSON.stringify({ inputs: [{ name: 'x', shape: [1, 2], datatype: 'FP32', data: [1, 2] }] }),
 * })
 * const answer = (await response.json()) as InferAnswer
 * ```
 */
export interface InferAnswer {
  readonly model_name: string
  readonly model_version: string
  readonly id?: string
  readonly outputs: readonly InferredTensor[]
}

export interface TensorMetadata {
  readonly name: string
  readonly datatype: string
  /** -1: any size. */
  readonly shape: readonly number[]
}

/**
 * The response of `GET /v2/models/digits`.
 *
 * @example
 * ```ts
 * import type { ModelMetadata } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/v2/models/digits')
 * const answer = (await response.json()) as ModelMetadata
 * ```
 */
export interface ModelMetadata {
  readonly name: string
  readonly versions: readonly string[]
  readonly platform: string
  readonly inputs: readonly TensorMetadata[]
  readonly outputs: readonly TensorMetadata[]
}

/** POST /v2/repository/index. */
export interface RepositoryIndexBody {
  /** Only available models. */
  readonly ready?: boolean | undefined
}

/**
 * The body of KServe's `POST /v2/repository/index`.
 *
 * @example
 * ```ts
 * import { parse, repositoryIndexSchema } from '@hadal/protocol'
 *
 * parse(repositoryIndexSchema, { ready: true }).ok // → true
 * ```
 */
export const repositoryIndexSchema: z.ZodType<RepositoryIndexBody> = z.object({
  ready: optional(z.boolean()),
})

/**
 * A model in the response of `POST /v2/repository/index`.
 *
 * @example
 * ```ts
 * import type { RepositoryEntry } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/v2/repository/index', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })
 * for (const { name, state } of (await response.json()) as RepositoryEntry[]) console.log(name, state)
 * ```
 */
export interface RepositoryEntry {
  readonly name: string
  readonly version: string
  readonly state: 'READY' | 'LOADING' | 'UNLOADING' | 'UNAVAILABLE'
  readonly reason: string
}

/** Count and total duration. */
export interface DurationStatistic {
  readonly count: number
  readonly ns: number
}

/**
 * The response of `GET /v2/models/digits/stats`.
 *
 * @example
 * ```ts
 * import type { ModelStatistics } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/v2/models/digits/stats')
 * const answer = (await response.json()) as ModelStatistics
 * ```
 */
export interface ModelStatistics {
  readonly name: string
  readonly version: string
  /** Milliseconds since 1970; 0 if there was none. */
  readonly last_inference: number
  /** Rows computed. */
  readonly inference_count: number
  /** Runs of the model. */
  readonly execution_count: number
  readonly inference_stats: Readonly<
    Record<
      | 'success'
      | 'fail'
      | 'queue'
      | 'compute_input'
      | 'compute_infer'
      | 'compute_output'
      | 'cache_hit'
      | 'cache_miss',
      DurationStatistic
    >
  >
  readonly batch_stats: readonly ({ readonly batch_size: number } & Readonly<
    Record<'compute_input' | 'compute_infer' | 'compute_output', DurationStatistic>
  >)[]
}
