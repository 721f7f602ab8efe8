import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unpackAttacks } from './attack-file.ts'
import { unpackRunWeights } from './ngram-encoder.ts'
import { bytesOf, numbersOf, pack, readPacked, unpack } from './packed-file.ts'
import { unpackStaticTable } from './static-encoder.ts'

const packed = {
  kind: 'encoder',
  about: { name: 'é' },
  arrays: { a: Uint8Array.from([1, 2, 3]), b: bytesOf(Float32Array.from([0.5, -2])) },
}
const invalid = expect.objectContaining({ code: 'guard_similarity_file_invalid' })

describe('a packed file', () => {
  it('holds what was put in', () => {
    const there = unpack(pack(packed), 'encoder', 'x')
    expect(there).toEqual(packed)
    expect([...numbersOf(Float32Array, there.arrays.b)]).toEqual([0.5, -2])
  })

  it('is refused when a byte is other, when it is cut short, and as another kind', () => {
    const bytes = pack(packed)
    for (let at = 0; at < bytes.length; at += 1) {
      const altered = Uint8Array.from(bytes)
      altered[at]! ^= 1
      expect(() => unpack(altered, 'encoder', 'x')).toThrow(invalid)
      expect(() => unpack(bytes.subarray(0, at), 'encoder', 'x')).toThrow(invalid)
    }
    expect(() => unpack(bytes, 'attacks', 'x')).toThrow(invalid)
    expect(() => readPacked('/nowhere/x.bin', 'attacks')).toThrow(invalid)
  })

  it('is refused, never half read, whatever a right checksum stands under', () => {
    const signed = (description: string, rest: Uint8Array): Uint8Array => {
      const head = Buffer.alloc(16)
      head.write('HADALSIM', 'latin1')
      head.writeUInt32LE(1, 8)
      head.writeUInt32LE(Buffer.byteLength(description), 12)
      const all = Buffer.concat([head, Buffer.from(description), rest])
      return Buffer.concat([all, createHash('sha256').update(all).digest()])
    }
    const description = fc.oneof(
      fc.json(),
      fc
        .record({
          kind: fc.constant('x'),
          about: fc.jsonValue(),
          arrays: fc.array(fc.string()),
          lengths: fc.array(fc.nat(20)),
          sizes: fc.array(fc.oneof(fc.nat(20), fc.constant(1e12))),
        })
        .map((value) => JSON.stringify(value)),
    )
    fc.assert(
      fc.property(description, fc.uint8Array({ maxLength: 40 }), (text, rest) => {
        try {
          unpack(signed(text, rest), 'x', 'x')
        } catch (error) {
          expect(error).toEqual(invalid)
        }
      }),
    )
  })

  it('is understood or refused, whatever it is about', () => {
    const about = fc.oneof(
      fc.jsonValue(),
      fc.record({
        name: fc.string(),
        dimensions: fc.jsonValue(),
        words: fc.string(),
        pieces: fc.string(),
        runs: fc.string(),
        encoders: fc.jsonValue(),
        calibration: fc.jsonValue(),
        attacks: fc.oneof(
          fc.jsonValue(),
          fc.record({ known: fc.jsonValue(), rows: fc.array(fc.jsonValue()) }),
        ),
        benign: fc.constant({ known: [], rows: [] }),
      }),
    )
    const arrays = fc.dictionary(
      fc.constantFrom('rows', 'scales', 'runs', 'attacks.0.vectors', 'attacks.0.owners', 'attacks.0.starts'),
      fc.uint8Array({ maxLength: 16 }),
    )
    fc.assert(
      fc.property(about, arrays, (about, arrays) => {
        for (const understand of [unpackStaticTable, unpackRunWeights, unpackAttacks])
          try {
            understand({ kind: 'x', about, arrays }, 'x')
          } catch (error) {
            expect(error).toEqual(invalid)
          }
      }),
    )
  })
})
