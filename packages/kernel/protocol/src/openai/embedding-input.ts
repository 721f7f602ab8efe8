/**
 * The input of POST /v1/embeddings: a text or tokens in llama-server's form, an object with a `text` or an `image` (Jina's), a
 * message part with a text or an `image_url` (OpenAI's), or a list of these. Does not decode images.
 */

import { z } from 'zod'
import {
  isSequence,
  maxTexts,
  type NativeSequence,
  sequenceJson,
} from '../llama-server/completion-request.ts'

/** Exactly one field is set. An image is a data URL, or base64. */
export type EmbeddingObject =
  | { readonly text: string }
  | { readonly image: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image_url'; readonly image_url: string | { readonly url: string } }

export type EmbeddingInput = NativeSequence | EmbeddingObject

/** One input, or a list; a list with a number in it is one prompt. */
export type EmbeddingInputs = EmbeddingInput | readonly EmbeddingInput[]

/** An input in one of two forms; `place` is its path within the list, as a client spells it: `[3].image`. */
export type EmbeddingItem =
  | { readonly kind: 'text'; readonly sequence: NativeSequence; readonly place: string }
  | { readonly kind: 'image'; readonly image: string; readonly place: string }

/** Limited because a small file may decode to a large image. */
export const maxImages = 256

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `null` means not given, as elsewhere. */
const isGiven = (value: object, key: string): boolean =>
  ((value as Readonly<Record<string, unknown>>)[key] ?? undefined) !== undefined

/** The error of one input; undefined if there is none. `at` is the field within it. */
function issueOf(value: unknown): { readonly at?: string; readonly message: string } | undefined {
  if (isSequence(value)) return undefined
  if (!isObject(value)) return { message: 'must be a text, tokens, or an object with a "text" or an "image"' }
  const given = ['text', 'image', 'image_url', 'prompt_string'].filter((key) => isGiven(value, key))
  const [only] = given
  if (only === undefined || given.length > 1)
    return { message: 'must have exactly one of "text", "image" and "image_url"' }
  if (only === 'prompt_string') return { at: only, message: 'must be a string' }
  const type = value.type ?? undefined
  const wanted = only === 'image_url' ? 'image_url' : 'text'
  if (type !== undefined && (type !== wanted || only === 'image'))
    return { at: 'type', message: `does not go with "${only}"` }
  if (only === 'image_url') {
    const url = isObject(value.image_url) ? value.image_url.url : value.image_url
    return typeof url === 'string'
      ? undefined
      : { at: 'image_url', message: 'must be an object with a "url", or a string' }
  }
  return typeof value[only] === 'string' ? undefined : { at: only, message: 'must be a string' }
}

const isOnePrompt = (value: unknown): boolean =>
  !Array.isArray(value) || value.some((part) => typeof part === 'number')

const stringField = (name: string): object => ({
  type: 'object',
  properties: { [name]: { type: 'string' } },
  required: [name],
})
const partJson = (type: string, field: string, value: object): object => ({
  type: 'object',
  properties: { type: { const: type }, [field]: value },
  required: ['type', field],
})
const inputJson: readonly object[] = [
  ...sequenceJson,
  stringField('text'),
  stringField('image'),
  partJson('text', 'text', { type: 'string' }),
  partJson('image_url', 'image_url', stringField('url')),
]

/** By hand, because a prompt may have a million tokens; each error is reported for its input. */
export const embeddingInputs: z.ZodType<EmbeddingInputs> = z
  .custom<EmbeddingInputs>()
  .superRefine((value: unknown, context) => {
    const fail = (message: string, path: readonly (string | number)[] = []): void =>
      context.addIssue({ code: 'custom', path: [...path], message })
    if (isOnePrompt(value)) {
      const issue = issueOf(value)
      if (issue !== undefined) fail(issue.message, issue.at === undefined ? [] : [issue.at])
      return
    }
    const list = value as readonly unknown[]
    if (list.length === 0) return fail('must not be empty')
    if (list.length > maxTexts) return fail(`must be at most ${maxTexts} inputs, got ${list.length}`)
    const images = list.filter(
      (each) => isObject(each) && (isGiven(each, 'image') || isGiven(each, 'image_url')),
    ).length
    if (images > maxImages) return fail(`must have at most ${maxImages} images, got ${images}`)
    for (const [index, each] of list.entries()) {
      const issue = issueOf(each)
      if (issue !== undefined) fail(issue.message, issue.at === undefined ? [index] : [index, issue.at])
    }
  })
  .meta({
    anyOf: [...inputJson, { type: 'array', minItems: 1, maxItems: maxTexts, items: { anyOf: inputJson } }],
  })

/**
 * The inputs separately, in order.
 *
 * @internal
 */
export function embeddingItems(inputs: EmbeddingInputs): readonly EmbeddingItem[] {
  if (isOnePrompt(inputs)) return [itemOf(inputs as EmbeddingInput, '')]
  return (inputs as readonly EmbeddingInput[]).map((input, index) => itemOf(input, `[${index}]`))
}

const has = <Given extends object, Key extends string>(
  given: Given,
  key: Key,
): given is Extract<Given, { readonly [K in Key]: unknown }> => isGiven(given, key)

function itemOf(input: EmbeddingInput, place: string): EmbeddingItem {
  if (typeof input === 'string' || Array.isArray(input))
    return { kind: 'text', sequence: input as NativeSequence, place }
  const given = input as Exclude<EmbeddingInput, string | readonly unknown[]>
  if (has(given, 'prompt_string')) return { kind: 'text', sequence: given, place }
  if (has(given, 'text')) return { kind: 'text', sequence: given.text, place: `${place}.text` }
  if (has(given, 'image')) return { kind: 'image', image: given.image, place: `${place}.image` }
  const { image_url: said } = given
  return typeof said === 'string'
    ? { kind: 'image', image: said, place: `${place}.image_url` }
    : { kind: 'image', image: said.url, place: `${place}.image_url.url` }
}
