/** A tokenizer trained here and exported as GGUF metadata gives the same tokens in llama.cpp, on any text. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gguf, writeGguf } from '@hadal/formats'
import { gpt2Pattern, llama3Pattern, qwen2Pattern, Tokenizer, trainBpe } from '@hadal/nn'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { openVocabulary, type Tokenize } from './llama-vocabulary.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-tokenizer-'))
afterAll(() => rmSync(folder, { recursive: true }))

function inLlama(tokenizer: Tokenizer, end: string): Tokenize {
  const path = join(folder, 'vocabulary.gguf')
  const metadata = { 'general.architecture': gguf.string('llama'), ...tokenizer.ggufMetadata({ end }) }
  writeGguf(path, { metadata, tensors: [] })
  return openVocabulary(path)
}

/**
 * Letters and digits of Unicode 16 and 17. llama.cpp's tables stop at 15.1 and take these for unassigned; Node's go on.
 */
const newerThanLlama = new RegExp(
  '[\\u{88f}\\u{c5c}\\u{cdc}\\u{1c89}-\\u{1c8a}\\u{a7cb}-\\u{a7dc}\\u{a7f1}\\u{105c0}-\\u{105f3}' +
    '\\u{10940}-\\u{10959}\\u{10d40}-\\u{10d85}\\u{10ec2}-\\u{10ec7}\\u{11380}-\\u{113d3}\\u{116d0}-\\u{116e3}' +
    '\\u{11bc0}-\\u{11bf9}\\u{11db0}-\\u{11de9}\\u{13460}-\\u{143fa}\\u{16100}-\\u{16139}\\u{16d40}-\\u{16d79}' +
    '\\u{16ea0}-\\u{16ed3}\\u{16ff2}-\\u{16ff6}\\u{187f8}-\\u{187ff}\\u{18cff}\\u{18d09}-\\u{18d1e}' +
    '\\u{18d80}-\\u{18df2}\\u{1ccf0}-\\u{1ccf9}\\u{1e5d0}-\\u{1e5fa}\\u{1e6c0}-\\u{1e6ff}\\u{2b73a}-\\u{2b73f}' +
    '\\u{2cea2}-\\u{2cead}\\u{323b0}-\\u{33479}]',
  'gu',
)

const corpus = [
  "It was the best of times; it's the worst of times. I'll say THEY'RE wrong, WE'VE seen 1859, 12, 12 and 1859.",
  'Größe, Straße, naïve café; 東京は大きい 東京は大きい; مرحبا مرحبا; नमस्ते नमस्ते; 👩‍👩‍👧 👩‍👩‍👧; ½ ½ Ⅷ Ⅷ ٣٤ ٣٤',
  'function f(x) {\n    return x    + 1;\n}\r\n\r\n\tfunction f(x) {\n    return x    + 1;\n}\r\n\r\n\t!!! ... ??? !!! ...',
]
const specialTokens = ['<|endoftext|>', '<|im_start|>', '<|im_end|>']
const tokenizer = trainBpe([...corpus, ...corpus], { vocabSize: 700, specialTokens })

const nastyParts = [
  ...corpus,
  ...specialTokens,
  ...["'S", "'LL", "'ſ", "'", ' ', '  ', '\n', '\r', '\r\n', '\t', '\v', '\0', '\u0085', '\u00a0', '\u1680'],
  ...[
    '\u2028',
    '\u3000',
    '\ufeff',
    '\u200b',
    '\u200d',
    '\ufffd',
    '\ufffe',
    '\u{10ffff}',
    'é',
    'e\u0301',
    '0',
    '٣',
  ],
  ...[
    '<|im_',
    'end|>',
    'aaaa',
    'Ġ',
    'Ċ',
    'the',
    ' the',
    '\u{e000}',
    '한국',
    '\u1100\u1161',
    'ǅ',
    '₂',
    '〇',
    '🇩🇪',
  ],
]
const nasty = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.array(fc.constantFrom(...nastyParts), { maxLength: 12 }).map((parts) => parts.join('')),
  )
  .map((text) => text.replace(newerThanLlama, ''))

describe('the trained tokenizer in llama.cpp', () => {
  const llama = inLlama(tokenizer, '<|im_end|>')

  it('cuts ordinary text the same', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(llama(text)).toEqual(tokenizer.encode(text))
      }),
      { numRuns: 2000 },
    )
  })

  it('finds the same special tokens, and only when asked', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(llama(text, { parseSpecial: true })).toEqual(tokenizer.encode(text, { allowSpecial: true }))
      }),
      { numRuns: 1000 },
    )
  })

  it.each([' ', '\n', 'a', '!', '0', 'é', '東', '\r\n', 'a ', '! '])(
    'cuts a long run of %j the same',
    (unit) => {
      const text = unit.repeat(3000)
      expect(llama(text)).toEqual(tokenizer.encode(text))
    },
  )
})

/**
 * Tells apart every class of character that a pattern can: merges join any byte with an "x" before or after it and with
 * a "!" before it, so each place where a piece ends shows in the tokens.
 */
function probe(pattern: string, ignoreMerges: boolean): Tokenizer {
  const tokens: Uint8Array[] = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))
  const merges: [number, number, number][] = []
  const [x, bang] = [0x78, 0x21]
  for (let byte = 0; byte < 256; byte++) {
    if (byte === x || byte === bang) continue
    for (const [left, right] of [
      [x, byte],
      [byte, x],
      [bang, byte],
    ] as const) {
      merges.push([left, right, tokens.length])
      tokens.push(Uint8Array.of(left, right))
    }
  }
  const end = new Map([['<|e|>', tokens.length]])
  tokens.push(Buffer.from('<|e|>'))
  return new Tokenizer({ patterns: [pattern], tokens, merges, specialTokens: end, ignoreMerges })
}

describe.each([
  ['qwen2Pattern', qwen2Pattern, false],
  ['gpt2Pattern', gpt2Pattern, false],
  ['llama3Pattern', llama3Pattern, true],
])('%s', (_name, pattern, ignoreMerges) => {
  it('puts characters of every script in the same classes as llama.cpp', () => {
    const ours = probe(pattern, ignoreMerges)
    const llama = inLlama(ours, '<|e|>')
    const differing: string[] = []
    for (let code = 1; code < 0x110000; code += code < 0x3100 ? 1 : code < 0x20000 ? 23 : 499) {
      const character = String.fromCodePoint(code)
      if (/\p{Surrogate}/u.test(character) || character.replace(newerThanLlama, '') === '') continue
      const text = `x${character}x!${character}`
      if (ours.encode(text).join() !== llama(text).join()) differing.push(code.toString(16))
    }
    expect(differing).toEqual([])
  })
})
