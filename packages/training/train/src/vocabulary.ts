/** A tokenizer with its chat template. */

import { createHash } from 'node:crypto'
import { ChatTemplate, type DataTokenizer } from '@hadal/nn'

/** As returned by `loadTokenizer` of `@hadal/nn`, or custom. */
export interface Vocabulary {
  readonly tokenizer: DataTokenizer
  /** The id that ends a text, and pads. */
  readonly endOfText: number
  readonly bosToken?: string
  readonly eosToken?: string
  /** A Jinja template. */
  readonly template?: string
}

/** `given` takes precedence over the vocabulary's own; undefined if both are absent. Throws `nn_chat_template_failed`. */
export function templateOf(
  { template, bosToken = '', eosToken = '' }: Vocabulary,
  given?: string | ChatTemplate,
): ChatTemplate | undefined {
  if (given instanceof ChatTemplate) return given
  const source = given ?? template
  return source === undefined ? undefined : new ChatTemplate(source, { bosToken, eosToken })
}

/** Digest of all tokens. Other tokenizer behaviour shows in the encoded text. */
export function vocabularyDigest({ tokenizer, endOfText }: Vocabulary): string {
  const hash = createHash('sha256').update(JSON.stringify([endOfText, [...tokenizer.specialTokens]]))
  for (let id = 0; id < tokenizer.vocabSize; id += 1) hash.update(tokenizer.bytesOf(id)).update('\0')
  return hash.digest('hex')
}
