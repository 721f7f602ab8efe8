/**
 * The added tokens of a tokenizer.json, and which of them steer a model: those marked special, and those in brackets of any
 * kind ("<think>", "[INST]", "<｜User｜>"), for published files do not mark all that their templates write. Such tokens are
 * never read out of ordinary text; all others (runs of spaces, single bytes, words) are a part of it.
 */

import { tokenizerFileInvalid } from './errors.ts'
import { array, object, string, tokenId } from './file-shape.ts'

export interface AddedToken {
  readonly id: number
  readonly content: string
  /** Takes the white space before it, or after it. */
  readonly lstrip: boolean
  readonly rstrip: boolean
  readonly singleWord: boolean
  /** Found in the text as normalizers leave it. */
  readonly normalized: boolean
  readonly special: boolean
}

export function readAddedTokens(list: unknown): AddedToken[] {
  return array(list ?? [], 'added_tokens').map((item) => {
    const token = object(item, 'an added token')
    const content = string(token.content, 'the content of an added token')
    if (content === '') throw tokenizerFileInvalid('an added token is empty')
    const special = token.special === true
    return {
      id: tokenId(token.id, content),
      content,
      lstrip: token.lstrip === true,
      rstrip: token.rstrip === true,
      singleWord: token.single_word === true,
      normalized: typeof token.normalized === 'boolean' ? token.normalized : !special,
      special,
    }
  })
}

export const isControl = ({ special, content }: Pick<AddedToken, 'special' | 'content'>): boolean =>
  special || /^(?:<.*\S.*>|\[.*\S.*\])$/su.test(content)
