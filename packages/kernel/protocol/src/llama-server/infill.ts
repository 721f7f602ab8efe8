/**
 * POST /infill of llama-server: fill in the middle between a prefix and a suffix, with other files of the repository as
 * context.
 */

import { z } from 'zod'
import { optional, type Shape } from '../openai/optional.ts'
import { isMixed, type NativeGenerationFields, nativeGenerationShape } from './completion-request.ts'

const mixedJson = {
  type: 'array',
  items: { anyOf: [{ type: 'integer', minimum: 0 }, { type: 'string' }] },
}

/** Text, tokens, or a mix of both. */
export type InfillText = string | readonly (number | string)[]

export interface InfillRequest extends NativeGenerationFields {
  readonly input_prefix: InfillText
  readonly input_suffix: InfillText
  /** Follows the prefix, and starts the output. */
  readonly prompt?: string | undefined
  /** Most relevant last. */
  readonly input_extra?: readonly InfillFile[] | undefined
}

export interface InfillFile {
  readonly filename?: string | undefined
  readonly text: string
}

const infillText = z
  .custom<InfillText>(
    (value) => typeof value === 'string' || isMixed(value) || (Array.isArray(value) && value.length === 0),
    'must be a string, or an array of tokens and strings',
  )
  .meta({ anyOf: [{ type: 'string' }, mixedJson] })

const infillShape: Shape<InfillRequest> = {
  ...nativeGenerationShape,
  input_prefix: infillText,
  input_suffix: infillText,
  prompt: optional(z.string()),
  input_extra: optional(z.array(z.object({ filename: optional(z.string()), text: z.string() })).max(1024)),
}

/**
 * The body of `POST /infill` in llama.cpp's server.
 *
 * @example
 * ```ts
 * import { infillSchema, parse } from '@hadal/protocol'
 *
 * parse(infillSchema, { input_prefix: 'const a = ', input_suffix: '\n' }).ok // → true
 * ```
 */
export const infillSchema: z.ZodType<InfillRequest> = z.object(infillShape)
