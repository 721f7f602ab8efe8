import { gzipSync } from 'node:zlib'
import { array, assert, integer, property, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseIdx } from './idx.ts'

function idx(shape: readonly number[], bytes: Uint8Array): Uint8Array {
  const file = new Uint8Array(4 + 4 * shape.length + bytes.length)
  const header = new DataView(file.buffer)
  header.setUint16(2, (8 << 8) + shape.length)
  for (const [index, size] of shape.entries()) header.setUint32(4 + 4 * index, size)
  file.set(bytes, 4 + 4 * shape.length)
  return file
}

const shapes = array(integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 })
const filled = (shape: readonly number[]): Uint8Array =>
  Uint8Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, at) => (at * 37) % 256)

describe('parseIdx', () => {
  it('reads what was written, gzipped or not', () => {
    assert(
      property(shapes, (shape) => {
        const bytes = filled(shape)
        const file = idx(shape, bytes)
        for (const form of [file, gzipSync(file)])
          expect(parseIdx(form, 'it')).toEqual({ shape, bytes: expect.any(Uint8Array) })
        expect([...parseIdx(gzipSync(file), 'it').bytes]).toEqual([...bytes])
      }),
    )
  })

  it('refuses every file that was cut, gzipped or not, and names it', () => {
    assert(
      property(
        shapes,
        integer({ min: 0, max: 1 << 20 }),
        integer({ min: 0, max: 1 }),
        (shape, where, packed) => {
          const file = idx(shape, filled(shape))
          const form = packed ? gzipSync(file) : file
          expect(() => parseIdx(form.subarray(0, where % form.length), 'cut.gz')).toThrow(
            'cut.gz is not an IDX',
          )
        },
      ),
    )
  })

  it('reads any bytes at all as what they say, or refuses them with its own error', () => {
    assert(
      property(uint8Array({ maxLength: 64 }), integer({ min: 0, max: 3 }), (bytes, keep) => {
        // Headers that are right as far as they go, so that what lies behind them is met.
        bytes.set([0, 0, 8, 1].slice(0, keep).slice(0, bytes.length))
        try {
          const { shape, bytes: read } = parseIdx(bytes, 'any')
          expect(read.length).toBe(shape.reduce((product, size) => product * size, 1))
        } catch (error) {
          expect((error as Error).message).toMatch(/^any is not an IDX file of bytes: /)
        }
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    [idx([3], new Uint8Array(4)), '[3] takes 3 bytes, and 4 follow'],
    [Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 0), 'its type is 13, not 8'],
    [Uint8Array.of(0, 0, 8, 0), 'its 0 sizes are not all there'],
    [Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 1), 'its 2 sizes are not all there'],
    [Uint8Array.of(1, 0, 8, 1), 'it does not begin with two zeros'],
    [new Uint8Array(0), 'it has 0 bytes'],
    [Uint8Array.of(0x1f, 0x8b, 1), 'it does not unpack'],
  ])('says what is wrong', (file, why) => {
    expect(() => parseIdx(file, 'it')).toThrow(
      expect.objectContaining({ code: 'image_idx_invalid', message: expect.stringContaining(why) }),
    )
  })
})
