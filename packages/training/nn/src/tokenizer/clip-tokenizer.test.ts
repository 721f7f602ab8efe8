/** A tokenizer.json in the format of CLIP's: lower case, words that end in </w>, one digit at a time. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { captionIds } from '../clip/caption-ids.ts'
import { spellBytes } from './byte-alphabet.ts'
import { loadTokenizer } from './load-tokenizer.ts'

const spelt = Array.from({ length: 256 }, (_, byte) => spellBytes(Uint8Array.of(byte)))
const merges = ['c a', 'ca t</w>', "' s</w>", 't h', 'th e</w>', '! !</w>', 'Ã ©</w>']
const tokens = [
  ...spelt,
  ...spelt.map((each) => `${each}</w>`),
  ...merges.map((merge) => merge.replace(' ', '')),
  '<|startoftext|>',
  '<|endoftext|>',
]
const id = (token: string): number => {
  const found = tokens.indexOf(token)
  if (found < 0) throw new Error(`no token ${token}`)
  return found
}
const special = (content: string, normalized: boolean): object => ({
  id: id(content),
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized,
  special: true,
})
const processor = {
  type: 'TemplateProcessing',
  single: [
    { SpecialToken: { id: '<|startoftext|>', type_id: 0 } },
    { Sequence: { id: 'A', type_id: 0 } },
    { SpecialToken: { id: '<|endoftext|>', type_id: 0 } },
  ],
  pair: [],
  special_tokens: {},
}
const json = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [special('<|startoftext|>', true), special('<|endoftext|>', false)],
  normalizer: {
    type: 'Sequence',
    normalizers: [
      { type: 'NFC' },
      { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
      { type: 'Lowercase' },
    ],
  },
  pre_tokenizer: {
    type: 'Sequence',
    pretokenizers: [
      {
        type: 'Split',
        pattern: { Regex: "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" },
        behavior: 'Removed',
        invert: true,
      },
      { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
    ],
  },
  post_processor: processor,
  decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true },
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: '<|endoftext|>',
    continuing_subword_prefix: '',
    end_of_word_suffix: '</w>',
    fuse_unk: false,
    vocab: Object.fromEntries(tokens.map((token, index) => [token, index])),
    merges,
  },
}

const folder = mkdtempSync(join(tmpdir(), 'hadal-clip-tokenizer-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe.each([
  ['its own post-processor', processor],
  ["RoBERTa's", { type: 'RobertaProcessing', sep: ['<|endoftext|>', 520], cls: ['<|startoftext|>', 519] }],
])("CLIP's tokenizer.json with %s", (_, post_processor) => {
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify({ ...json, post_processor }))
  writeFileSync(
    join(folder, 'tokenizer_config.json'),
    JSON.stringify({ bos_token: { content: '<|startoftext|>' }, eos_token: '<|endoftext|>' }),
  )
  const { tokenizer, bosToken, endOfText } = loadTokenizer(folder)

  it.each([
    ['The cat', ['the</w>', 'cat</w>']],
    ["  the \n\t CAT's", ['the</w>', 'cat</w>', "'s</w>"]],
    ['cat12', ['cat</w>', '1</w>', '2</w>']],
    ['thecat!!', ['th', 'e', 'cat</w>', '!!</w>']],
    ['\u0045\u0301', ['Ã©</w>']],
    ['a,b', ['a</w>', ',</w>', 'b</w>']],
    ['<|endoftext|>', ['<', '|</w>', 'e', 'n', 'd', 'o', 'f', 't', 'e', 'x', 't</w>', '|', '></w>']],
  ])('cuts %j as CLIP does', (text, wanted) => {
    expect(tokenizer.encode(text).map((each) => tokens[each])).toEqual(wanted)
  })

  it('begins, ends and cuts captions', () => {
    expect(bosToken).toBe('<|startoftext|>')
    expect(endOfText).toBe(id('<|endoftext|>'))
    const start = tokenizer.special(bosToken)
    const caption = (length: number): (string | undefined)[] =>
      captionIds(tokenizer.encode('the cat cat'), { start, end: endOfText, length }).map(
        (each) => tokens[each],
      )
    expect(caption(77)).toEqual(['<|startoftext|>', 'the</w>', 'cat</w>', 'cat</w>', '<|endoftext|>'])
    expect(caption(4)).toEqual(['<|startoftext|>', 'the</w>', 'cat</w>', '<|endoftext|>'])
  })

  it('spells tokens with the space that ends a word', () => {
    expect(tokenizer.decode(tokenizer.encode('the cat!'))).toBe('the cat ! ')
  })
})
