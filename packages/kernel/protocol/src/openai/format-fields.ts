/**
 * Output format constraints in all spellings: OpenAI's `response_format`, llama-server's `grammar` and `json_schema`, vLLM's
 * `guided_*` and `structured_outputs`. At most one may be given.
 */

import { z } from 'zod'
import { optional, type Shape } from './optional.ts'

/** An untrusted JSON Schema. */
export type SchemaField = boolean | Readonly<Record<string, unknown>>

export type ResponseFormat =
  | { readonly type: 'text' }
  /** `schema` is llama-server's. */
  | { readonly type: 'json_object'; readonly schema?: SchemaField | undefined }
  | {
      readonly type: 'json_schema'
      readonly json_schema?:
        | {
            readonly name?: string | undefined
            readonly description?: string | undefined
            readonly schema?: SchemaField | undefined
            readonly strict?: boolean | undefined
          }
        | undefined
      /** llama-server's position of the field. */
      readonly schema?: SchemaField | undefined
    }
  | { readonly type: 'grammar'; readonly grammar: string }
  | { readonly type: 'regex'; readonly pattern: string }

export interface FormatFields {
  readonly response_format?: ResponseFormat | undefined
  /** GBNF. */
  readonly grammar?: string | undefined
  readonly json_schema?: SchemaField | undefined
  readonly guided_json?: string | SchemaField | undefined
  readonly guided_regex?: string | undefined
  readonly guided_choice?: readonly string[] | undefined
  readonly guided_grammar?: string | undefined
  readonly structured_outputs?:
    | {
        readonly json?: string | SchemaField | undefined
        readonly regex?: string | undefined
        readonly choice?: readonly string[] | undefined
        readonly grammar?: string | undefined
        readonly json_object?: boolean | undefined
      }
    | undefined
}

export const schemaField: z.ZodType<SchemaField> = z.union(
  [z.boolean(), z.record(z.string(), z.unknown())],
  'must be a JSON Schema',
)
const schemaOrText = z.union([z.string(), schemaField], 'must be a JSON Schema, or its text')
const choices = z.array(z.string().min(1)).min(1).max(1024)

const responseFormat = z.discriminatedUnion(
  'type',
  [
    z.object({ type: z.literal('text') }),
    z.object({ type: z.literal('json_object'), schema: optional(schemaField) }),
    z.object({
      type: z.literal('json_schema'),
      json_schema: optional(
        z.object({
          name: optional(z.string()),
          description: optional(z.string()),
          schema: optional(schemaField),
          strict: optional(z.boolean()),
        }),
      ),
      schema: optional(schemaField),
    }),
    z.object({ type: z.literal('grammar'), grammar: z.string() }),
    z.object({ type: z.literal('regex'), pattern: z.string() }),
  ],
  'must be one of "text", "json_object", "json_schema", "grammar", "regex"',
)

export const formatShape: Shape<FormatFields> = {
  response_format: optional(responseFormat),
  grammar: optional(z.string()),
  json_schema: optional(schemaField),
  guided_json: optional(schemaOrText),
  guided_regex: optional(z.string()),
  guided_choice: optional(choices),
  guided_grammar: optional(z.string()),
  structured_outputs: optional(
    z.object({
      json: optional(schemaOrText),
      regex: optional(z.string()),
      choice: optional(choices),
      grammar: optional(z.string()),
      json_object: optional(z.boolean()),
    }),
  ),
}
