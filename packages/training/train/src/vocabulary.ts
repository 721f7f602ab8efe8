/** What turns text into tokens: a tokenizer with the chat template that goes with it. */

import { createHash } from 'node:crypto'
import { ChatTemplate, type DataTokenizer } from '@hadal/nn'

/** As `loadTokenizer` of `@hadal/nn` gives it, or put together. */
export interface Vocabulary {
  readonly tokenizer: DataTokenizer
  /** The id that ends a text, and pads. */
  readonly endOfText: number
  readonly bosToken?: string
  readonly eosToken?: string
  /** In Jinja. */
  readonly template?: string
}

/** `given` instead of the vocabulary's own; undefined where there is neither. Throws `nn_chat_template_failed`. */
export function templateOf(
  { template, bosToken = '', eosToken = '' }: Vocabulary,
  given?: string | ChatTemplate,
): ChatTemplate | undefined {
  if (given instanceof ChatTemplate) return given
  const source = given ?? template
  return source === undefined ? undefined : new ChatTemplate(source, { bosToken, eosToken })
}

/** Of all tokens; what the tokenizer makes of text is seen in the text that it encodes. */
export function vocabularyDigest({ tokenizer, endOfText }: Vocabulary): string {
  const hash = createHash('sha256').update(JSON.stringify([endOfText, [...tokenizer.specialTokens]]))
  for (let id = 0; id < tokenizer.vocabSize; id += 1) hash.update(tokenizer.bytesOf(id)).update('\0')
  return hash.digest('hex')
}
