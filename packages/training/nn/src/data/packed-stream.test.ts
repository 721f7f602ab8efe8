import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { ignoreIndex } from '../loss.ts'
import { trainBpe } from '../tokenizer/index.ts'
import { chatTemplate, chatTokens } from './chat.ts'
import { DocumentStream } from './document-stream.ts'
import { checkVocabulary, type DocumentEncoder, documentEncoder } from './encode-document.ts'
import { dataTemplateFailed } from './errors.ts'
import { PackedStream, type PackingOptions, positionsInDocument } from './packed-stream.ts'
import { ChatTemplate } from './render-template.ts'
import { packExamples, type Windows } from './windows.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-packed-'))
const file = join(folder, 'rows.jsonl')
afterAll(() => rmSync(folder, { recursive: true }))

const endOfText = 0

/** A text is a list of ids; negative ones are not learnt; `refuse` cannot be encoded. */
const encode: DocumentEncoder = (document) => {
  const text = 'text' in document ? document.text : ''
  if (text === 'refuse') throw dataTemplateFailed('no')
  const ids = text.split(' ').map(Number)
  return { tokens: ids.map(Math.abs), learn: ids.map((id) => id > 0) }
}

function open(
  texts: readonly string[],
  options: Partial<PackingOptions> & { shuffle?: number; epochs?: number },
) {
  writeFileSync(file, texts.map((text) => `${JSON.stringify({ text })}\n`).join(''))
  const { shuffle = 0, epochs, ...packing } = options
  const stream = new DocumentStream({ files: [file], shuffleBuffer: shuffle, ...(epochs && { epochs }) })
  return new PackedStream(stream, encode, { length: 4, endOfText, ...packing })
}

const rows = (windows: Windows | undefined): number[][] =>
  windows === undefined
    ? []
    : Array.from({ length: windows.count }, (_, row) => [
        ...windows.inputs.subarray(row * windows.length, (row + 1) * windows.length),
      ])

describe('PackedStream', () => {
  const id = fc.integer({ min: 1, max: 99 })
  const text = fc.array(fc.tuple(id, fc.boolean()), { minLength: 1, maxLength: 12 })
  const texts = fc.array(
    text.map((ids) => ids.map(([n, learnt]) => (learnt ? n : -n)).join(' ')),
    { minLength: 1, maxLength: 12 },
  )
  const usable = (all: readonly string[]): boolean =>
    all.some(
      (each) =>
        each
          .split(' ')
          .slice(1, 4)
          .some((n) => Number(n) > 0) && each.split(' ').length <= 5,
    )

  it('packs whole documents as packExamples does', () => {
    fc.assert(
      fc.property(texts, (all) => {
        fc.pre(usable(all))
        const packed = open(all, { overlong: 'drop', epochs: 1 }).next(99)!
        const examples = all
          .map((each) => encode({ text: each }))
          .filter(({ learn }) => learn.includes(true, 1))
        expect(packed).toEqual(packExamples(examples, 4, endOfText))
      }),
      { numRuns: 60 },
    )
  })

  it('goes on from a state as if it had never stopped, in every way of packing', () => {
    const overlong = fc.constantFrom('truncate', 'drop', 'split') as fc.Arbitrary<
      'truncate' | 'drop' | 'split'
    >
    const stops = fc.array(fc.nat(4), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(texts, overlong, fc.nat(5), stops, (all, overlong, shuffle, stops) => {
        fc.pre(usable(all))
        const whole = open(all, { overlong, shuffle })
        let stopped = open(all, { overlong, shuffle })
        for (const stop of stops) {
          expect(stopped.next(stop)).toEqual(whole.next(stop))
          const state = JSON.parse(JSON.stringify(stopped.state))
          stopped = open(all, { overlong, shuffle })
          stopped.restore(state)
          expect(stopped.state).toEqual(whole.state)
        }
        expect(stopped.next(20)).toEqual(whole.next(20))
        expect(stopped.counts).toEqual(whole.counts)
      }),
      { numRuns: 80 },
    )
  })

  it('splits long documents so that each token but the first is a target exactly once', () => {
    fc.assert(
      fc.property(texts, (all) => {
        const learnable = all.map((each) => each.replaceAll('-', '')).filter((each) => each.includes(' '))
        fc.pre(learnable.length > 0)
        const packed = open(learnable, { overlong: 'split', epochs: 1 }).next(99)!
        const requested = [...packed.targets].filter((target) => target !== ignoreIndex)
        expect(requested).toEqual(learnable.flatMap((each) => encode({ text: each }).tokens.slice(1)))
      }),
      { numRuns: 40 },
    )
  })

  it('cuts, leaves out and counts', () => {
    const all = ['1 2 3', '1 2 3 4 5 6 7', '1 -2', '-1 -2 -3 -4 -5 6', 'refuse', '7']
    const cut = open(all, { epochs: 1, onBadRow: 'skip' })
    expect(rows(cut.next(9))).toEqual([
      [1, 2, 0, 0],
      [1, 2, 3, 4],
    ])
    expect(cut.next(9)).toBeUndefined()
    expect(cut.counts).toEqual({ documents: 2, truncated: 1, dropped: 3, skipped: 1 })
    const dropping = open(all, { epochs: 1, onBadRow: 'skip', overlong: 'drop' })
    expect(rows(dropping.next(9))).toEqual([[1, 2, 0, 0]])
  })

  it('names the row that cannot be encoded', () => {
    expect(() => open(['1 2', 'refuse'], {}).next(1)).toThrow(
      expect.objectContaining({
        code: 'nn_data_row_invalid',
        message: `${file}:2: the chat template failed: no`,
        cause: expect.objectContaining({ code: 'nn_chat_template_failed' }),
      }),
    )
  })

  it('refuses data of which nothing can be used, and a window of no length', () => {
    expect(() => open(['7', '-1 -2'], {}).next(1)).toThrow(
      expect.objectContaining({ code: 'nn_nothing_to_pack' }),
    )
    expect(() => open(['1 2'], { length: 0 })).toThrow(
      expect.objectContaining({ code: 'nn_data_options_invalid' }),
    )
  })

  it('begins positions again in every document and window', () => {
    const packed = open(['1 2 3', '4 5 6', '1 2 3 4 5 6'], { overlong: 'split', epochs: 1 }).next(9)!
    expect([...packed.segments!]).toEqual([1, 1, 2, 2, 1, 1, 1, 1, 1, 0, 0, 0])
    expect([...positionsInDocument(packed)]).toEqual([0, 1, 0, 1, 0, 1, 2, 3, 0, 0, 1, 2])
    const { segments: _, ...unmarked } = packed
    expect([...positionsInDocument(unmarked)]).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3])
  })
})

describe('documentEncoder', () => {
  const tokenizer = trainBpe(['hello there'], { vocabSize: 270, specialTokens: Object.values(chatTokens) })
  const endOfText = tokenizer.special(chatTokens.endOfText)

  it('learns all of a text and its end, and of a conversation the answers', () => {
    const encode = documentEncoder({ tokenizer, endOfText, template: new ChatTemplate(chatTemplate) })
    const { tokens, learn } = encode({ text: 'hello <|im_end|>' })
    expect(tokens).toEqual([...tokenizer.encode('hello <|im_end|>'), endOfText])
    expect(learn.every(Boolean)).toBe(true)
    expect(tokens).not.toContain(tokenizer.special(chatTokens.end))
    const chat = encode({
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b' },
      ],
    })
    expect(tokenizer.decode(chat.tokens.filter((_, i) => chat.learn[i]))).toBe('b<|im_end|>')
  })

  it('needs a template for conversations', () => {
    const encode = documentEncoder({ tokenizer, endOfText })
    expect(() => encode({ messages: [{ role: 'assistant', content: 'b' }] })).toThrow(
      expect.objectContaining({ code: 'nn_chat_template_failed' }),
    )
  })

  it('a tokenizer may be smaller than its model, never larger', () => {
    const { vocabSize } = tokenizer
    checkVocabulary(tokenizer, vocabSize)
    checkVocabulary(tokenizer, vocabSize + 50)
    expect(() => checkVocabulary(tokenizer, vocabSize - 1)).toThrow(
      expect.objectContaining({
        code: 'nn_tokenizer_model_mismatch',
        message: expect.stringContaining(String(vocabSize)),
      }),
    )
  })
})
