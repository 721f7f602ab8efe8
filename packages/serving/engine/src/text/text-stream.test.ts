import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TextStream } from './text-stream.ts'
import { Utf8Assembler } from './utf8-assembler.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Pushes pieces as tokens named by their index, until a stop string or the end. */
const run = (stops: readonly string[], pieces: readonly Uint8Array[]) => {
  const stream = new TextStream<number>(stops)
  const texts: string[] = []
  const tokens: number[] = []
  const take = (step: ReturnType<typeof stream.push>) => {
    texts.push(step.text)
    tokens.push(...step.tokens)
    return step.stopString
  }
  for (const [index, piece] of pieces.entries()) {
    const stopString = take(stream.push(piece, index))
    if (stopString !== undefined) return { texts, text: texts.join(''), tokens, stopString }
  }
  const stopString = take(stream.end())
  return { texts, text: texts.join(''), tokens, stopString }
}

/** Cuts `all` after each of the given numbers of bytes. */
const cut = (all: Uint8Array, lengths: readonly number[]): Uint8Array[] => {
  const pieces: Uint8Array[] = []
  let from = 0
  for (const length of lengths) {
    pieces.push(all.subarray(from, from + length))
    from += length
  }
  return [...pieces, all.subarray(from)]
}

describe('Utf8Assembler', () => {
  it('gives what decoding everything at once would, however the bytes are cut', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }).map(bytes),
      fc.uint8Array({ maxLength: 6 }),
      fc.constantFrom(
        ...[[0xf0, 0x9f], [0xe2, 0x82], [0xc3], [0x80], [0xef, 0xbb, 0xbf], [0xf5]].map((b) =>
          Uint8Array.from(b),
        ),
      ),
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 8 }),
        fc.array(fc.nat(3), { maxLength: 40 }),
        (parts, lengths) => {
          const all = Buffer.concat(parts)
          const assembler = new Utf8Assembler()
          const text = cut(all, lengths).map((part) => assembler.push(part))
          expect(text.join('') + assembler.end()).toBe(
            new TextDecoder('utf-8', { ignoreBOM: true }).decode(all),
          )
          expect(assembler.pending).toBe(0)
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('TextStream', () => {
  it('shows a character once all its tokens are there, and those tokens with it', () => {
    const stream = new TextStream<string>([])
    expect(stream.push(bytes('a'), 'A')).toEqual({ text: 'a', tokens: ['A'] })
    expect(stream.push(bytes('🙂').subarray(0, 2), 'first')).toEqual({ text: '', tokens: [] })
    expect(stream.push(bytes('🙂').subarray(2), 'second')).toEqual({
      text: '🙂',
      tokens: ['first', 'second'],
    })
    expect(stream.push(bytes('é').subarray(0, 1), 'half')).toEqual({ text: '', tokens: [] })
    expect(stream.end()).toEqual({ text: '\ufffd', tokens: ['half'] })
  })

  it('shows tokens that only begin characters as soon as they are known to be broken', () => {
    const stream = new TextStream<number>([])
    const first = Uint8Array.of(0xf0)
    expect(stream.push(first, 0)).toEqual({ text: '', tokens: [] })
    for (let token = 1; token < 5; token += 1)
      expect(stream.push(first, token)).toEqual({ text: '\ufffd', tokens: [token - 1] })
    expect(stream.end()).toEqual({ text: '\ufffd', tokens: [4] })
  })

  it('holds tokens back with their text while a stop string may be coming', () => {
    const stream = new TextStream<string>(['END'])
    expect(stream.push(bytes('xE'), '1')).toEqual({ text: 'x', tokens: [] })
    expect(stream.push(bytes('N'), '2')).toEqual({ text: '', tokens: [] })
    expect(stream.push(bytes('T'), '3')).toEqual({ text: 'ENT', tokens: ['1', '2', '3'] })
  })

  it('shows a token that begins before the stop string, none that is all of it', () => {
    const stream = new TextStream<string>(['END'])
    stream.push(bytes('a'), 'before')
    stream.push(bytes('bE'), 'across')
    stream.push(bytes('N'), 'inside')
    expect(stream.push(bytes('D more'), 'last')).toEqual({ text: '', tokens: ['across'], stopString: 'END' })
  })

  it('counts tokens without text', () => {
    const stream = new TextStream<string>([])
    expect(stream.push(bytes(''), 'control')).toEqual({ text: '', tokens: ['control'] })
  })

  it('finds a stop string that only the end completes', () => {
    const stream = new TextStream<string>(['\ufffd'])
    stream.push(bytes('a'), '1')
    stream.push(bytes('é').subarray(0, 1), '2')
    expect(stream.end()).toEqual({ text: '', tokens: [], stopString: '\ufffd' })
  })

  it('shows every token exactly once and in order, and the same text however it was cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '🙂'), maxLength: 30 })
    const stop = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '🙂'), minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(
        text,
        fc.array(stop, { maxLength: 2 }),
        fc.array(fc.nat(4), { maxLength: 30 }),
        (text, stops, lengths) => {
          const pieces = cut(bytes(text), lengths)
          const result = run(stops, pieces)
          const uncut = run(stops, [bytes(text)])
          expect(result.text).toBe(uncut.text)
          expect(result.stopString).toBe(uncut.stopString)
          expect(result.tokens).toEqual(result.tokens.map((_, index) => index))
          if (result.stopString === undefined) expect(result.tokens).toHaveLength(pieces.length)
          for (const piece of result.texts) expect(Buffer.from(piece).toString()).toBe(piece)
        },
      ),
      { numRuns: 300 },
    )
  })
})
