/** An unvalidated JSON Schema. */

export type JsonSchema = boolean | { readonly [keyword: string]: unknown }
