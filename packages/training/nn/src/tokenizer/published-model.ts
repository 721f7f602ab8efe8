/**
 * The model of a tokenizer.json (BPE, Unigram or WordPiece), checked, and with the tokens that steer a model renamed to what no
 * text can hold, so that ordinary text never becomes one.
 */

import { tokenizerFileInvalid, tokenizerUnsupported } from './errors.ts'
import { array, type Json, object, shown, string, tokenId } from './file-shape.ts'

export interface PublishedModel {
  /** For `@huggingface/tokenizers`. */
  readonly json: Json
  readonly kind: 'BPE' | 'Unigram' | 'WordPiece'
  /** As the file spells them. */
  readonly tokens: ReadonlyMap<number, string>
  /** Characters without a token are spelt in tokens such as <0xE2>. */
  readonly byteFallback: boolean
  /** `wordEnd` ends a word's last token, as its space; `continuation` starts all but the first. */
  readonly wordEnd?: string
  readonly continuation?: string
}

/** Larger ids are no ids of a language model, and an array up to them would not fit. */
export const largestTokenId: number = 2 ** 24 - 1

/** `isSealed` selects the spellings to rename. Throws `nn_tokenizer_file_invalid` and `nn_tokenizer_unsupported`. */
export function publishedModel(json: unknown, isSealed: (token: string) => boolean): PublishedModel {
  const model = object(json, 'model')
  const sealed = (token: string): string => (isSealed(token) ? `${seal}${token}` : token)
  const kind = kindOf(model)
  if (kind === 'Unigram') return unigram(model, sealed)
  return kind === 'BPE' ? bpe(model, sealed) : wordPiece(model, sealed)
}

/** Half a character, which no text holds once it is well-formed. */
const seal = '\uDFFF'

function kindOf({ type, vocab, merges }: Json): PublishedModel['kind'] {
  if (type === 'BPE' || type === 'Unigram' || type === 'WordPiece') return type
  if (type !== undefined) throw tokenizerUnsupported(`a ${shown(type)} model`)
  if (Array.isArray(vocab)) return 'Unigram'
  return merges === undefined ? 'WordPiece' : 'BPE'
}

function unigram(model: Json, sealed: (token: string) => string): PublishedModel {
  if (model.byte_fallback === true) throw tokenizerUnsupported('byte_fallback of a Unigram model')
  const tokens = new Map<number, string>()
  const vocab = array(model.vocab, 'model.vocab').map((entry, id) => {
    const [token, score] = array(entry, 'an entry of model.vocab')
    if (typeof score !== 'number') throw tokenizerFileInvalid(`the score of ${token} is ${shown(score)}`)
    tokens.set(id, string(token, 'a token'))
    return [sealed(token as string), score] as const
  })
  if (vocab.length === 0) throw tokenizerFileInvalid('model.vocab is empty')
  const { unk_id: unknown = null } = model
  if (unknown !== null && !tokens.has(unknown as number))
    throw tokenizerFileInvalid(`unk_id is ${shown(unknown)}, which is not an id`)
  return {
    json: { type: 'Unigram', vocab, unk_id: unknown },
    kind: 'Unigram',
    tokens,
    byteFallback: false,
  }
}

function bpe(model: Json, sealed: (token: string) => string): PublishedModel {
  for (const feature of ['dropout', 'continuing_subword_prefix', 'continuing_subword_suffix']) {
    if (model[feature]) throw tokenizerUnsupported(`model.${feature}`)
  }
  const { tokens, vocab, ids } = readVocab(model.vocab, sealed)
  const { end_of_word_suffix: end } = model
  const wordEnd = typeof end === 'string' && end !== '' ? end : undefined
  const byteFallback = model.byte_fallback === true
  return {
    json: {
      type: 'BPE',
      vocab,
      merges: readMerges(model.merges, ids),
      unk_token: unknownToken(model, ids, sealed),
      fuse_unk: model.fuse_unk === true,
      byte_fallback: byteFallback,
      ignore_merges: model.ignore_merges === true,
      ...(wordEnd !== undefined && { end_of_word_suffix: wordEnd }),
    },
    kind: 'BPE',
    tokens,
    byteFallback,
    ...(wordEnd !== undefined && { wordEnd }),
  }
}

function wordPiece(model: Json, sealed: (token: string) => string): PublishedModel {
  const { tokens, vocab, ids } = readVocab(model.vocab, sealed)
  const { continuing_subword_prefix: prefix = '##', max_input_chars_per_word: longest = 100 } = model
  const continuation = string(prefix, 'continuing_subword_prefix')
  const unknown = unknownToken({ unk_token: '[UNK]', ...model }, ids, sealed)
  if (unknown === null) throw tokenizerFileInvalid('a WordPiece model has no unk_token')
  return {
    json: {
      type: 'WordPiece',
      vocab,
      unk_token: unknown,
      continuing_subword_prefix: continuation,
      max_input_chars_per_word: tokenId(longest, 'max_input_chars_per_word'),
    },
    kind: 'WordPiece',
    tokens,
    byteFallback: false,
    continuation,
  }
}

function readVocab(
  json: unknown,
  sealed: (token: string) => string,
): { tokens: Map<number, string>; vocab: Json; ids: ReadonlySet<string> } {
  const tokens = new Map<number, string>()
  const entries = Object.entries(object(json, 'model.vocab')).map(([token, given]) => {
    const id = tokenId(given, token)
    if (id > largestTokenId) throw tokenizerFileInvalid(`${token} has id ${id}`)
    if (tokens.has(id)) throw tokenizerFileInvalid(`${tokens.get(id)} and ${token} have the id ${id}`)
    tokens.set(id, token)
    return [sealed(token), id] as const
  })
  return { tokens, vocab: Object.fromEntries(entries), ids: new Set(tokens.values()) }
}

function readMerges(list: unknown, vocab: ReadonlySet<string>): (readonly string[])[] {
  return array(list, 'model.merges').map((merge) => {
    const pair = typeof merge === 'string' ? merge.split(' ') : array(merge, 'a merge')
    const [left, right] = pair
    if (pair.length !== 2 || typeof left !== 'string' || typeof right !== 'string')
      throw tokenizerFileInvalid(`the merge ${JSON.stringify(merge)} is not a pair`)
    const missing = [left, right, left + right].find((token) => !vocab.has(token))
    if (missing !== undefined) throw tokenizerFileInvalid(`a merge names ${missing}, which model.vocab lacks`)
    return [left, right]
  })
}

function unknownToken(
  { unk_token: token = null }: Json,
  vocab: ReadonlySet<string>,
  sealed: (token: string) => string,
): string | null {
  if (token === null) return null
  const unknown = string(token, 'unk_token')
  if (!vocab.has(unknown)) throw tokenizerFileInvalid(`the unk_token ${unknown} is not in model.vocab`)
  return sealed(unknown)
}
