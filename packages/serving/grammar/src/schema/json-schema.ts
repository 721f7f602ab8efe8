/** A JSON Schema as it comes from outside: nothing about it is known yet. */

export type JsonSchema = boolean | { readonly [keyword: string]: unknown }
