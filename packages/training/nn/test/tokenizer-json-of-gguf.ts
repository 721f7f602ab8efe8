/**
 * For tests: the tokenizer.json that a model was published with, from the vocabulary in its GGUF file and what its kind of
 * pre-tokenizer is written as at Hugging Face.
 */

import { openGguf } from '@hadal/formats'

type Json = Readonly<Record<string, unknown>>

const split = (regex: string): Json => ({ type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated' })
const sequence = (...pretokenizers: Json[]): Json => ({ type: 'Sequence', pretokenizers })
const byteLevel: Json = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true }
const bytesOnly: Json = { ...byteLevel, use_regex: false }
const digits: Json = { type: 'Digits', individual_digits: true }

const wordsAnd = (numbers: string): string =>
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${numbers}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*` +
  '|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+'

const deepseek = sequence(
  split('[\\r\\n]'),
  split('\\s?\\p{L}+'),
  split('\\s?\\p{P}+'),
  split('[一-龥ࠀ-一가-퟿]+'),
  digits,
  bytesOnly,
)

const preTokenizers: Readonly<Record<string, Json>> = {
  'gpt-2': byteLevel,
  'llama-bpe': sequence(split(wordsAnd('\\p{N}{1,3}')), bytesOnly),
  qwen2: sequence(split(wordsAnd('\\p{N}')), bytesOnly),
  'deepseek-llm': deepseek,
  'deepseek-coder': deepseek,
  falcon: sequence(
    { type: 'Punctuation', behavior: 'Contiguous' },
    byteLevel,
    { type: 'Digits', individual_digits: false },
    split('[0-9][0-9][0-9]'),
  ),
  'command-r': sequence(digits, byteLevel),
  starcoder: sequence(digits, byteLevel),
  refact: sequence(digits, byteLevel),
}

const controlType = 3
const userDefinedType = 4

export function tokenizerJsonOfGguf(path: string): Json {
  using file = openGguf(path)
  const list = <T>(key: string): T[] => (file.get(`tokenizer.ggml.${key}`) ?? []) as T[]
  const tokens = list<string>('tokens')
  const types = list<number>('token_type')
  const kind = file.get('tokenizer.ggml.model')
  const pre = String(file.get('tokenizer.ggml.pre'))
  const padding = (token: string): boolean => /^\[PAD\d+\]$/.test(token)
  const added = tokens.flatMap((content, id) =>
    (types[id] === controlType || types[id] === userDefinedType) && !padding(content)
      ? [{ id, content, special: types[id] === controlType, normalized: false }]
      : [],
  )
  const vocab = Object.fromEntries(
    tokens.flatMap((token, id) => (padding(token) ? [] : [[token, id] as const])),
  )
  if (kind === 'bert') return bert(vocab, added)
  if (kind === 'llama') return sentencePiece(vocab, list<number>('scores'), added)
  return {
    added_tokens: added,
    normalizer: pre === 'qwen2' || pre === 'command-r' ? { type: 'NFC' } : null,
    pre_tokenizer: preTokenizers[pre],
    decoder: byteLevel,
    model: { type: 'BPE', vocab, merges: list<string>('merges'), ignore_merges: pre === 'llama-bpe' },
  }
}

/** llama.cpp marks where words begin; a tokenizer.json marks where they go on. */
function bert(vocab: Readonly<Record<string, number>>, added: readonly Json[]): Json {
  const controls = new Set(added.map(({ content }) => content))
  const spelt = Object.entries(vocab).map(([token, id]) => {
    if (token.startsWith('▁')) return [token.slice(1), id]
    return [controls.has(token) || /^\[unused\d+\]$/.test(token) ? token : `##${token}`, id]
  })
  return {
    added_tokens: added,
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: { type: 'WordPiece', unk_token: '[UNK]', vocab: Object.fromEntries(spelt) },
  }
}

/** SentencePiece merges whatever gives the best token; a list of merges says the same, best token first. */
function sentencePiece(
  vocab: Readonly<Record<string, number>>,
  scores: readonly number[],
  added: readonly Json[],
): Json {
  const ids = new Map(Object.entries(vocab))
  const merges = [...ids].flatMap(([token, id]) => {
    const characters = [...token]
    return characters.slice(1).flatMap((_, at) => {
      const left = characters.slice(0, at + 1).join('')
      const right = characters.slice(at + 1).join('')
      return ids.has(left) && ids.has(right) ? [{ pair: [left, right], score: scores[id]! }] : []
    })
  })
  merges.sort((a, b) => b.score - a.score)
  const replace = { type: 'Replace', pattern: { String: ' ' }, content: '▁' }
  return {
    added_tokens: added,
    normalizer: { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, replace] },
    pre_tokenizer: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model: {
      type: 'BPE',
      vocab,
      merges: merges.map(({ pair }) => pair),
      unk_token: '<unk>',
      fuse_unk: true,
      byte_fallback: true,
    },
  }
}
