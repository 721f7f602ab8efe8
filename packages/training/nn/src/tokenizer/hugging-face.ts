/**
 * Converts tokenizer parts from and to Hugging Face's tokenizer.json. Reads the byte-level BPE files of GPT-2, Llama 3, Qwen and
 * DeepSeek and rejects what it could not reproduce exactly. Post-processors (which add BOS) are not read: the chat template decides
 * what surrounds a text. All added tokens count as special.
 */

import { readSpelling, spellBytes } from './byte-alphabet.ts'
import { tokenizerFileInvalid, tokenizerUnsupported } from './errors.ts'
import { array, type Json, object, shown, steps, string, tokenId } from './file-shape.ts'
import type { Merge } from './merge-table.ts'
import { gpt2Pattern } from './pre-tokenizer.ts'
import type { TokenizerParts } from './tokenizer-parts.ts'

/** The contents of a tokenizer.json, ready for `JSON.stringify`. */
export function toHuggingFace(parts: TokenizerParts): Json {
  const { tokens, merges, specialTokens } = parts
  const special = new Set(specialTokens.values())
  const spell = (id: number): string => spellBytes(tokens[id]!)
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false }
  const splits = parts.patterns.map((pattern) => ({
    type: 'Split',
    pattern: { Regex: pattern },
    behavior: 'Isolated',
    invert: false,
  }))
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [...specialTokens].map(([content, id]) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: parts.normalizeNfc ? { type: 'NFC' } : null,
    pre_tokenizer: { type: 'Sequence', pretokenizers: [...splits, byteLevel] },
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: parts.ignoreMerges ?? false,
      vocab: Object.fromEntries(
        tokens.flatMap((bytes, id) => (special.has(id) ? [] : [[spellBytes(bytes), id]])),
      ),
      merges: merges.map(([left, right]) => `${spell(left)} ${spell(right)}`),
    },
  }
}

/** Takes what `JSON.parse` made of a tokenizer.json. */
export function fromHuggingFace(json: unknown): TokenizerParts {
  const file = object(json, 'the file')
  const model = object(file.model, 'model')
  if (model.type !== undefined && model.type !== 'BPE')
    throw tokenizerUnsupported(`a ${shown(model.type)} model`)
  for (const feature of ['dropout', 'continuing_subword_prefix', 'end_of_word_suffix', 'byte_fallback']) {
    if (model[feature]) throw tokenizerUnsupported(`model.${feature}`)
  }
  const specialTokens = readAddedTokens(file.added_tokens ?? [])
  const ids = readVocab(model.vocab, specialTokens)
  return {
    patterns: readPatterns(file.pre_tokenizer),
    tokens: tokensById(ids, specialTokens),
    merges: readMerges(model.merges, ids),
    specialTokens,
    normalizeNfc: readNormalizer(file.normalizer),
    ignoreMerges: model.ignore_merges === true,
  }
}

function readAddedTokens(list: unknown): Map<string, number> {
  const tokens = new Map<string, number>()
  for (const item of array(list, 'added_tokens')) {
    const token = object(item, 'an added token')
    for (const feature of ['lstrip', 'rstrip', 'single_word']) {
      if (token[feature]) throw tokenizerUnsupported(`added tokens with ${feature}`)
    }
    tokens.set(string(token.content, 'the content of an added token'), tokenId(token.id, token.content))
  }
  return tokens
}

function readVocab(vocab: unknown, specialTokens: ReadonlyMap<string, number>): Map<string, number> {
  const ids = new Map<string, number>()
  for (const [token, id] of Object.entries(object(vocab, 'model.vocab'))) {
    if (!specialTokens.has(token)) ids.set(token, tokenId(id, token))
  }
  for (let byte = 0; byte < 256; byte++) {
    const spelling = spellBytes(Uint8Array.of(byte))
    if (!ids.has(spelling)) throw tokenizerFileInvalid(`model.vocab has no ${spelling}, the byte ${byte}`)
  }
  return ids
}

function tokensById(
  ids: ReadonlyMap<string, number>,
  specialTokens: ReadonlyMap<string, number>,
): Uint8Array[] {
  const size = ids.size + specialTokens.size
  const tokens: Uint8Array[] = new Array(size)
  const place = (token: string, id: number, bytes: Uint8Array | undefined): void => {
    if (bytes === undefined) throw tokenizerFileInvalid(`the token ${token} is not spelt in byte characters`)
    if (id >= size) throw tokenizerFileInvalid(`${token} has id ${id}, but there are only ${size} tokens`)
    if (tokens[id] !== undefined) throw tokenizerFileInvalid(`two tokens have the id ${id}`)
    tokens[id] = bytes
  }
  for (const [token, id] of ids) place(token, id, readSpelling(token))
  for (const [token, id] of specialTokens) place(token, id, new TextEncoder().encode(token))
  return tokens
}

function readMerges(list: unknown, ids: ReadonlyMap<string, number>): Merge[] {
  const idOf = (token: string): number => {
    const id = ids.get(token)
    if (id === undefined) throw tokenizerFileInvalid(`a merge names ${token}, which model.vocab lacks`)
    return id
  }
  return array(list, 'model.merges').map((merge) => {
    const pair = typeof merge === 'string' ? merge.split(' ') : array(merge, 'a merge')
    if (pair.length !== 2) throw tokenizerFileInvalid(`the merge ${JSON.stringify(merge)} is not a pair`)
    const [left, right] = pair.map((token) => string(token, 'a merge'))
    return [idOf(left!), idOf(right!), idOf(left! + right!)]
  })
}

function readPatterns(preTokenizer: unknown): string[] {
  const cuts = steps(preTokenizer, 'pretokenizers')
  const last = cuts.at(-1)
  if (last?.type !== 'ByteLevel') throw tokenizerUnsupported('a pre-tokenizer that does not end in ByteLevel')
  if (last.add_prefix_space === true) throw tokenizerUnsupported('add_prefix_space')
  const patterns = cuts.slice(0, -1).map((step) => {
    if (step.type === 'Digits') return step.individual_digits === true ? '\\p{N}' : '\\p{N}+'
    if (step.type !== 'Split') throw tokenizerUnsupported(`the pre-tokenizer ${shown(step.type)}`)
    if (step.behavior !== 'Isolated')
      throw tokenizerUnsupported(`the split behaviour ${shown(step.behavior)}`)
    const { Regex: regex } = object(step.pattern, 'the pattern of a split')
    if (typeof regex !== 'string') throw tokenizerUnsupported('a split by something other than a Regex')
    return regex
  })
  // ByteLevel splits by GPT-2's pattern by default.
  return last.use_regex === false ? patterns : [...patterns, gpt2Pattern]
}

function readNormalizer(normalizer: unknown): boolean {
  const forms = steps(normalizer, 'normalizers')
  const other = forms.find((step) => step.type !== 'NFC')
  if (other !== undefined) throw tokenizerUnsupported(`the normalizer ${shown(other.type)}`)
  return forms.length > 0
}
