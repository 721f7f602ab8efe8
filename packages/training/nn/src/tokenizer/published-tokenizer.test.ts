import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gpt2Pattern, llama3Pattern, qwen2Pattern } from './pre-tokenizer.ts'
import { PublishedTokenizer } from './published-tokenizer.ts'
import { trainBpe } from './train-bpe.ts'

type Json = Record<string, unknown>

const control = (content: string, id: number, more: Json = {}): Json => ({
  content,
  id,
  special: true,
  ...more,
})
const bare = { added_tokens: [], normalizer: null, pre_tokenizer: null, decoder: null }
const ids = (tokens: readonly string[]): Record<string, number> =>
  Object.fromEntries(tokens.map((token, id) => [token, id]))

const metaspace = (scheme: string, more: Json = {}): Json => ({
  type: 'Metaspace',
  replacement: '▁',
  prepend_scheme: scheme,
  ...more,
})
const spaceMarks = { type: 'Replace', pattern: { String: ' ' }, content: '▁' }
const prepending = {
  type: 'Sequence',
  normalizers: [{ type: 'Prepend', prepend: '▁' }, spaceMarks],
}

/** As Llama's: characters and a few words, the rest in bytes. */
const byteTokens = Array.from(
  { length: 256 },
  (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
)
const spmTokens = [
  '<unk>',
  '<s>',
  '</s>',
  ...byteTokens,
  '▁',
  'a',
  'b',
  '<',
  '>',
  's',
  '/',
  '▁a',
  'ab',
  '▁ab',
]
const spm = (more: Json = {}): Json => ({
  ...bare,
  added_tokens: spmTokens.slice(0, 3).map((token, id) => control(token, id)),
  normalizer: prepending,
  decoder: { type: 'Sequence', decoders: [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] },
  model: {
    type: 'BPE',
    vocab: ids(spmTokens),
    merges: ['a b', '▁ ab', '▁ a'],
    unk_token: '<unk>',
    byte_fallback: true,
    fuse_unk: true,
  },
  ...more,
})
const spelt = (found: readonly number[], tokens = spmTokens): string[] =>
  found.map((id) => tokens[id] ?? String(id))

describe('against the tokenizer trained here', () => {
  const specialTokens = ['<|endoftext|>', '<|im_end|>', '<think>']
  const corpus = ['the hat, the cat, the mat 10 20', "it's  a 東京 Straße\n\n\tnaïve", 'aaa aaaa 12345']
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc
      .array(
        fc.constantFrom(...specialTokens, ...corpus, "'S", "'ſ", '\u0085', '\u{feff}', '\r\n', ' ', '<|im'),
      )
      .map((parts) => parts.join('')),
  )

  it.each([
    ['GPT-2', gpt2Pattern, {}],
    ['Qwen', qwen2Pattern, { normalizer: { type: 'NFC' } }],
    ['Llama 3', llama3Pattern, {}],
  ])('cuts as %s does', (_, pattern, change) => {
    const own = trainBpe(corpus, { vocabSize: 330, specialTokens, pattern })
    const json = { ...(JSON.parse(JSON.stringify(own.toHuggingFace())) as Json), ...change }
    const published = new PublishedTokenizer(json)
    expect(published.vocabSize).toBe(own.vocabSize)
    expect(published.specialTokens).toEqual(own.specialTokens)
    fc.assert(
      fc.property(text, fc.boolean(), (given, allowSpecial) => {
        const normal = 'normalizer' in change ? given.normalize('NFC') : given
        const expected = own.encode(normal, { allowSpecial })
        expect(published.encode(given, { allowSpecial })).toEqual(expected)
        expect(published.decode(expected)).toBe(own.decode(expected))
      }),
      { numRuns: 300 },
    )
  })
})

describe('PublishedTokenizer', () => {
  it('reads BPE as SentencePiece has it, with bytes for what has no token', () => {
    const tokenizer = new PublishedTokenizer(spm())
    expect(spelt(tokenizer.encode('ab a€'))).toEqual(['▁ab', '▁a', '<0xE2>', '<0x82>', '<0xAC>'])
    expect(tokenizer.decode(tokenizer.encode('ab a€'))).toBe('ab a€')
    expect(tokenizer.bytesOf(5)).toEqual(Uint8Array.of(2))
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(Buffer.from(text).toString())
      }),
    )
  })

  it('takes the text of special tokens for ordinary text unless asked, whatever the model', () => {
    const unigram = new PublishedTokenizer({
      ...bare,
      added_tokens: [control('<unk>', 0), control('</s>', 1)],
      model: {
        type: 'Unigram',
        unk_id: 0,
        vocab: ['<unk>', '</s>', '<', '/', 's', '>', 'x'].map((token, id) => [token, id < 2 ? 0 : -id]),
      },
    })
    expect(unigram.encode('x</s>')).toEqual([6, 2, 3, 4, 5])
    expect(unigram.encode('x</s>', { allowSpecial: true })).toEqual([6, 1])
    expect(unigram.encode('<unk>y')).toEqual([2, 0, 5, 0])
    const words = ['[UNK]', '[SEP]', 'x', '##y', '[', ']', 'sep']
    const wordPiece = new PublishedTokenizer({
      ...bare,
      added_tokens: [control('[UNK]', 0), control('[SEP]', 1)],
      pre_tokenizer: { type: 'WhitespaceSplit' },
      model: { type: 'WordPiece', unk_token: '[UNK]', vocab: ids(words) },
    })
    expect(wordPiece.encode('xy [SEP] x')).toEqual([2, 3, 0, 2])
    expect(wordPiece.encode('xy [SEP] x', { allowSpecial: true })).toEqual([2, 3, 1, 2])
    expect(wordPiece.decode([2, 3, 2])).toBe('xy x')
    const bpe = new PublishedTokenizer(spm())
    expect(spelt(bpe.encode('a</s>'))).toEqual(['▁a', '<', '/', 's', '>'])
    expect(spelt(bpe.encode('a</s>a', { allowSpecial: true }))).toEqual(['▁a', '</s>', '▁a'])
    expect(bpe.encode('<s>', { allowSpecial: true })).toEqual([bpe.special('<s>')])
  })

  it('never produces a special token unless allowed', () => {
    const tokenizer = new PublishedTokenizer(spm())
    const specials = new Set(tokenizer.specialTokens.values())
    const parts = fc.constantFrom('<s>', '</s>', '<unk>', '<', '>', '\uDFFF', 'a', ' ', '\uDFFF<s>')
    fc.assert(
      fc.property(fc.array(parts), (found) => {
        expect(tokenizer.encode(found.join('')).some((id) => specials.has(id))).toBe(false)
      }),
    )
  })

  it('counts brackets as special, and takes all other added tokens for text', () => {
    const tokenizer = new PublishedTokenizer(
      spm({
        added_tokens: [
          control('<unk>', 0),
          { id: 300, content: '<｜User｜>', special: false },
          { id: 301, content: 'ø', special: false, normalized: false },
        ],
      }),
    )
    expect(tokenizer.specialTokens).toEqual(
      new Map([
        ['<unk>', 0],
        ['<｜User｜>', 300],
      ]),
    )
    expect(tokenizer.encode('aø').at(-1)).toBe(301)
    expect(tokenizer.encode('<｜User｜>')).not.toContain(300)
    expect(tokenizer.decode([301])).toBe('ø')
    expect(tokenizer.vocabSize).toBe(302)
  })

  it('puts a space before a text, but not inside one', () => {
    const first = { normalizer: null, pre_tokenizer: metaspace('first', { split: false }) }
    const always = { normalizer: null, pre_tokenizer: metaspace('always') }
    const after = (file: Json): string[] => {
      const tokenizer = new PublishedTokenizer(spm(file))
      const at = (place?: number | 'text') =>
        spelt(tokenizer.encode('a', place === undefined ? {} : { after: place })).join('')
      return [at(), at(1), at('text')]
    }
    expect(after({})).toEqual(['▁a', '▁a', 'a'])
    expect(after(always)).toEqual(['▁a', '▁a', 'a'])
    expect(after(first)).toEqual(['▁a', 'a', 'a'])
    expect(after({ normalizer: null, pre_tokenizer: metaspace('never') })).toEqual(['a', 'a', 'a'])
  })

  it('lets special tokens absorb adjacent white space', () => {
    const added = [
      control('<unk>', 0),
      control('<s>', 1, { lstrip: true }),
      control('</s>', 2, { rstrip: true }),
    ]
    const tokenizer = new PublishedTokenizer(
      spm({ added_tokens: added, normalizer: null, pre_tokenizer: metaspace('never') }),
    )
    const shown = (text: string, options = {}): string =>
      spelt(tokenizer.encode(text, { allowSpecial: true, ...options })).join('|')
    expect(shown('a </s> a <s> a')).toBe('a|▁|</s>|a|<s>|▁a')
    expect(shown(' a ', { after: 2, before: 1 })).toBe('a')
    expect(shown(' a ', { after: 1, before: 2 })).toBe('▁a|▁')
  })

  it('finds the likeliest tokens of a Unigram model', () => {
    const vocab: [string, number][] = [
      ['<unk>', 0],
      ['a', -2],
      ['b', -2.5],
      ['c', -4],
      ['ab', -3],
      ['ba', -3.1],
      ['abc', -9],
      ['bca', -4.2],
    ]
    const tokenizer = new PublishedTokenizer({
      ...bare,
      added_tokens: [control('<unk>', 0)],
      model: { type: 'Unigram', unk_id: 0, vocab },
    })
    const scores = new Map(vocab)
    const best = (text: string): number =>
      text === ''
        ? 0
        : Math.max(
            ...[...scores.keys()]
              .slice(1)
              .filter((token) => text.startsWith(token))
              .map((token) => scores.get(token)! + best(text.slice(token.length))),
          )
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 }), (text) => {
        const found = tokenizer.encode(text)
        expect(tokenizer.decode(found)).toBe(text)
        expect(found.reduce((sum, id) => sum + vocab[id]![1], 0)).toBeCloseTo(best(text), 9)
      }),
    )
  })

  it('cuts words as Hugging Face says', () => {
    const cut = (preTokenizer: Json, text: string): string[] => {
      const characters = [...new Set(text.replaceAll(' ', '▁'))]
      const all = Array.from({ length: text.length }, (_, from) =>
        Array.from({ length: text.length - from }, (_, length) => text.slice(from, from + length + 1)),
      ).flat()
      const tokens = [
        '?',
        ...new Set([...characters, ...all, ...all.map((each) => each.replaceAll(' ', '▁'))]),
      ]
      const tokenizer = new PublishedTokenizer({
        ...bare,
        pre_tokenizer: preTokenizer,
        model: { type: 'BPE', vocab: ids(tokens), merges: [], ignore_merges: true },
      })
      return spelt(tokenizer.encode(text), tokens)
    }
    const dashes = (behavior: string, invert = false): string[] =>
      cut({ type: 'Split', pattern: { String: '-' }, behavior, invert }, 'the-final--countdown')
    expect(dashes('Isolated')).toEqual(['the', '-', 'final', '-', '-', 'countdown'])
    expect(dashes('Isolated', true)).toEqual(['the', '-', 'final', '-', '-', 'countdown'])
    expect(dashes('Removed')).toEqual(['the', 'final', 'countdown'])
    expect(dashes('Removed', true)).toEqual(['-', '-', '-'])
    expect(dashes('MergedWithPrevious')).toEqual(['the-', 'final-', '-', 'countdown'])
    expect(dashes('MergedWithNext')).toEqual(['the', '-final', '-', '-countdown'])
    expect(dashes('Contiguous')).toEqual(['the', '-', 'final', '--', 'countdown'])
    expect(cut({ type: 'Digits', individual_digits: true }, 'a1٢²b')).toEqual(['a', '1', '٢', '²', 'b'])
    expect(cut({ type: 'Digits', individual_digits: false }, 'a1٢b')).toEqual(['a', '1٢', 'b'])
    expect(cut({ type: 'Punctuation' }, 'a,!b')).toEqual(['a', ',', '!', 'b'])
    expect(cut({ type: 'Punctuation', behavior: 'Contiguous' }, 'a,!b')).toEqual(['a', ',!', 'b'])
    expect(cut({ type: 'Whitespace' }, 'é1 !?x')).toEqual(['é1', '!?', 'x'])
    expect(cut({ type: 'CharDelimiterSplit', delimiter: '|' }, 'a|b')).toEqual(['a', 'b'])
    expect(cut(metaspace('never'), 'a  b')).toEqual(['a', '▁', '▁b'])
    expect(cut(metaspace('never', { split: false }), 'a  b')).toEqual(['a▁▁b'])
    expect(cut({ type: 'Metaspace', add_prefix_space: false }, 'a b')).toEqual(['a', '▁b'])
  })
})
