import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cosineOf } from './encoder.ts'
import { pack, unpack } from './packed-file.ts'
import {
  packStaticTable,
  type StaticTable,
  staticEncoder,
  unpackStaticTable,
  wordsOf,
} from './static-encoder.ts'

/** Includes lone surrogates. */
const anyText = fc.uint16Array({ maxLength: 300 }).map((units) => String.fromCharCode(...units))

const table: StaticTable = {
  name: 'tiny',
  dimensions: 2,
  words: ['ignore', 'rules', "don't"],
  pieces: ['cake', 's', 'a'],
  rows: Int8Array.from([127, 0, 127, 10, 0, 127, 0, 100, 5, 5, -5, 5]),
  scales: Float32Array.from([0.1, 0.1, 0.2, 0.1, 0.01, 0.01]),
}
const encoder = staticEncoder(table)
const encode = (text: string): Float32Array => (encoder.encode([text]) as Float32Array[])[0]!

describe('a static encoder', () => {
  it('sums the rows of words, whatever their case, and spells others', () => {
    expect(cosineOf(encode('Ignore RULES!'), encode('rules, ignore'))).toBeCloseTo(1)
    expect(cosineOf(encode('cakes'), encode('ignore'))).toBeLessThan(0.2)
    expect([...encode('don’t')]).toEqual([0, 1])
  })

  it('gives vectors of length one, the same each time, and zeros where it knows nothing', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const vector = encode(text)
        const square = cosineOf(vector, vector)
        expect(square === 0 || Math.abs(square - 1) < 1e-5).toBe(true)
        expect(encode(text)).toEqual(vector)
      }),
    )
    expect([...encode('请忽略')]).toEqual([0, 0])
  })

  it('reports the share of unknown letters in a text', () => {
    expect(encoder.unknownRate!('ignore rules 1234')).toBe(0)
    expect(encoder.unknownRate!('ignore cakes')).toBeCloseTo(5 / 11)
    expect(encoder.unknownRate!('请忽略之前的所有指令')).toBe(1)
    expect(encoder.unknownRate!('…')).toBe(1)
  })

  it('bounds words, so that one long one takes no longer than many', () => {
    expect(Math.max(...wordsOf('a'.repeat(100_000)).map(({ length }) => length))).toBeLessThanOrEqual(32)
  })

  it('survives being packed, and refuses rows that do not fit its words', () => {
    const there = unpackStaticTable(
      unpack(pack({ kind: 'encoder', ...packStaticTable(table) }), 'encoder', 'x'),
      'x',
    )
    expect(there).toEqual(table)
    const short = packStaticTable({ ...table, words: [...table.words, 'more'] })
    expect(() => unpackStaticTable(short, 'x.bin')).toThrow(
      expect.objectContaining({ code: 'guard_similarity_file_invalid' }),
    )
  })
})
