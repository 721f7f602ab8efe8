import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isHadalError } from '@hadal/base'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { checkVocabulary } from '../data/encode-document.ts'
import { loadTokenizer, tokenizerOf } from './load-tokenizer.ts'
import { PublishedTokenizer } from './published-tokenizer.ts'
import { Tokenizer } from './tokenizer.ts'
import { trainBpe } from './train-bpe.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-tokenizer-'))
afterAll(() => rmSync(folder, { recursive: true }))

const eos = '<|endoftext|>'
const own = trainBpe(['the hat, the cat'], { vocabSize: 270, specialTokens: [eos] })
type Json = Record<string, unknown>
const byteLevel = (): Json => JSON.parse(JSON.stringify(own.toHuggingFace())) as Json
const wordPiece = (): Json => ({
  added_tokens: [{ id: 0, content: '[UNK]', special: true }],
  normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: null,
  decoder: { type: 'WordPiece', prefix: '##' },
  model: { type: 'WordPiece', unk_token: '[UNK]', vocab: { '[UNK]': 0, the: 1, '##re': 2 } },
})
const unigram = (): Json => ({
  added_tokens: [{ id: 0, content: '<unk>', special: true }],
  normalizer: { type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' },
  pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' },
  decoder: { type: 'Metaspace', replacement: '▁' },
  model: {
    type: 'Unigram',
    unk_id: 0,
    vocab: [
      ['<unk>', 0],
      ['▁', -2],
      ['the', -3],
      ['▁the', -4],
    ],
  },
})

function write(name: string, files: Readonly<Record<string, unknown>>): string {
  const path = join(folder, name)
  mkdirSync(path, { recursive: true })
  for (const [file, content] of Object.entries(files))
    writeFileSync(join(path, file), typeof content === 'string' ? content : JSON.stringify(content))
  return path
}
const refusal = (code: string, message: string | RegExp = '') =>
  expect.objectContaining({ code, message: expect.stringMatching(message) })

describe('loadTokenizer', () => {
  it('takes the own tokenizer where it stands for the file, and the library where it does not', () => {
    const path = write('own', { 'tokenizer.json': byteLevel(), 'tokenizer_config.json': { eos_token: eos } })
    expect(loadTokenizer(path).tokenizer).toBeInstanceOf(Tokenizer)
    expect(tokenizerOf(wordPiece())).toBeInstanceOf(PublishedTokenizer)
    const spaces = byteLevel()
    spaces.added_tokens = [...(spaces.added_tokens as Json[]), { id: 270, content: '   ', special: false }]
    const published = tokenizerOf(spaces)
    expect(published).toBeInstanceOf(PublishedTokenizer)
    expect(published.encode('   ')).toEqual([270])
    expect(() => checkVocabulary(published, 271)).not.toThrow()
    expect(() => checkVocabulary(published, 270)).toThrow(refusal('nn_tokenizer_model_mismatch'))
  })

  it('reads the tokens that begin and end a text, and the template, wherever they stand', () => {
    const tokenizer = { 'tokenizer.json': byteLevel() }
    const config = { bos_token: '<s>', eos_token: { content: eos }, chat_template: 'one' }
    const load = (name: string, files: Readonly<Record<string, unknown>>) =>
      loadTokenizer(write(name, { ...tokenizer, ...files }))
    const loaded = load('config', { 'tokenizer_config.json': config })
    expect(loaded).toMatchObject({ bosToken: '<s>', eosToken: eos, template: 'one' })
    expect(loaded.endOfText).toBe(own.special(eos))
    const named = [null, { name: 'tool', template: 'no' }, { name: 'default', template: 'two' }]
    expect(load('named', { 'tokenizer_config.json': { ...config, chat_template: named } }).template).toBe(
      'two',
    )
    const both = { 'tokenizer_config.json': config, 'chat_template.jinja': 'three' }
    expect(load('both', both).template).toBe('three')
    const map = { 'special_tokens_map.json': { eos_token: eos } }
    expect(load('map', map)).toMatchObject({ eosToken: eos, bosToken: '' })
    expect(loadTokenizer(join(folder, 'map', 'tokenizer.json'))).not.toHaveProperty('template')
  })

  it('says what is wrong with a folder', () => {
    const unreadable = (message: string | RegExp) => refusal('nn_tokenizer_unreadable', message)
    expect(() => loadTokenizer(join(folder, 'none'))).toThrow(unreadable('ENOENT'))
    expect(() => loadTokenizer(write('empty', {}))).toThrow(unreadable('tokenizer.json'))
    expect(() => loadTokenizer(write('null', { 'tokenizer.json': 'null' }))).toThrow(
      unreadable('must be a JSON object'),
    )
    const text = JSON.stringify(byteLevel())
    expect(() => loadTokenizer(write('half', { 'tokenizer.json': text.slice(0, 999) }))).toThrow(
      unreadable(''),
    )
    expect(() => loadTokenizer(write('endless', { 'tokenizer.json': wordPiece() }))).toThrow(
      unreadable('no end-of-text token'),
    )
    const directory = write('directory', {
      'tokenizer.json': byteLevel(),
      'tokenizer_config.json': { eos_token: eos },
    })
    mkdirSync(join(directory, 'chat_template.jinja'))
    expect(() => loadTokenizer(directory)).toThrow(unreadable('chat_template'))
  })
})

const merged = { type: 'Split', pattern: { String: 'a' }, behavior: 'MergedWithNext' }

describe('a tokenizer.json that is not right', () => {
  it.each<[string, Json, RegExp]>([
    ['no model', { model: 3 }, /model is not an object/],
    ['an id twice', { model: { type: 'BPE', vocab: { a: 0, b: 0 }, merges: [] } }, /have the id 0/],
    [
      'an id beyond all vocabularies',
      { model: { type: 'BPE', vocab: { a: 2 ** 31 }, merges: [] } },
      /a has id/,
    ],
    ['an added token beyond them', { added_tokens: [{ id: 2 ** 31, content: 'x' }] }, /x has id/],
    ['an added token in the place of another', { added_tokens: [{ id: 0, content: 'x' }] }, /have the id 0/],
    ['an empty added token', { added_tokens: [{ id: 9, content: '' }] }, /is empty/],
    [
      'a merge of what is not there',
      { model: { type: 'BPE', vocab: { a: 0 }, merges: ['a a'] } },
      /names aa/,
    ],
    ['a merge of three', { model: { type: 'BPE', vocab: { a: 0 }, merges: ['a a a'] } }, /not a pair/],
    ['no vocabulary', { model: { type: 'BPE', vocab: {}, merges: [] }, added_tokens: [] }, /no tokens/],
    [
      'an unknown token that is unknown',
      { model: { type: 'WordPiece', vocab: { a: 0 } } },
      /\[UNK\] is not in/,
    ],
    ['no unknown token', { model: { type: 'WordPiece', vocab: { a: 0 }, unk_token: null } }, /no unk_token/],
    ['no scores', { model: { type: 'Unigram', vocab: [['a']] } }, /the score of a/],
    ['no pieces', { model: { type: 'Unigram', vocab: [] } }, /is empty/],
    ['an unk_id of nothing', { model: { type: 'Unigram', vocab: [['a', 0]], unk_id: 7 } }, /unk_id is 7/],
    [
      'a pattern of nothing',
      { pre_tokenizer: { type: 'Split', pattern: {} } },
      /neither a Regex nor a String/,
    ],
    ['steps in steps for ever', { normalizer: nested(40) }, /nested/],
  ])('names %s', (_, change, message) => {
    const file = { ...wordPiece(), added_tokens: [], ...change }
    expect(() => tokenizerOf(file)).toThrow(refusal('nn_tokenizer_file_invalid', message))
  })

  it.each<[string, Json]>([
    ['WordLevel', { model: { type: 'WordLevel', vocab: { a: 0 } } }],
    ['byte_fallback', { model: { type: 'Unigram', vocab: [['a', 0]], byte_fallback: true } }],
    ['dropout', { model: { type: 'BPE', vocab: { a: 0 }, merges: [], dropout: 0.1 } }],
    ['Nmt', { normalizer: { type: 'Nmt' } }],
    ['UnicodeScripts', { pre_tokenizer: { type: 'UnicodeScripts' } }],
    ['prepend_scheme', { pre_tokenizer: { type: 'Metaspace', prepend_scheme: 'last' } }],
    ['behaviour', { pre_tokenizer: { type: 'Split', pattern: { String: 'a' }, behavior: 'Sideways' } }],
    ['groups', { pre_tokenizer: { type: 'Split', pattern: { Regex: '(a)' }, behavior: 'Removed' } }],
    ['inverted', { pre_tokenizer: { ...merged, invert: true } }],
    ['pattern', { pre_tokenizer: { type: 'Split', pattern: { Regex: '(' }, behavior: 'Isolated' } }],
    ['single_word', { added_tokens: [{ id: 9, content: 'x', single_word: true }] }],
  ])('says that it cannot do %s', (feature, change) => {
    expect(() => tokenizerOf({ ...wordPiece(), ...change })).toThrow(
      refusal('nn_tokenizer_unsupported', feature),
    )
  })

  it('is refused with a code where an id is an object that is no text', () => {
    const file = byteLevel() as { model: { vocab: Record<string, unknown> } }
    file.model.vocab.a = { toString: null }
    expect(() => tokenizerOf(file as never)).toThrow(refusal('nn_tokenizer_file_invalid', 'toString'))
  })

  it('is refused with a code or read, whatever was changed in it', () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom(-1, 0, 1e9, 2 ** 53, '', '(', null, []),
    )
    const files = [byteLevel, wordPiece, unigram]
    fc.assert(
      fc.property(
        fc.nat(2),
        fc.array(fc.tuple(fc.nat(), value), { minLength: 1, maxLength: 3 }),
        (which, changes) => {
          const file = files[which]!()
          for (const [where, changed] of changes) change(file, where, changed)
          try {
            const tokenizer = tokenizerOf(file)
            for (const text of ['there  the', '日本 <unk>', ''])
              tokenizer.encode(text, { allowSpecial: true })
          } catch (thrown) {
            if (!isHadalError(thrown)) throw thrown
            expect(thrown.code).toMatch(/^nn_/)
          }
        },
      ),
      { numRuns: 1000 },
    )
  })
})

function nested(depth: number): Json {
  return depth === 0 ? { type: 'NFC' } : { type: 'Sequence', normalizers: [nested(depth - 1)] }
}

/** Sets one of all values in a file, counted through the whole of it but for the vocabulary's middle. */
function change(file: Json, where: number, value: unknown): void {
  const places: [Record<string, unknown>, string][] = []
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    for (const key of Object.keys(node).slice(0, 12)) {
      places.push([node as Json, key])
      walk((node as Json)[key])
    }
  }
  walk(file)
  const [node, key] = places[where % places.length]!
  node[key] = value
}
