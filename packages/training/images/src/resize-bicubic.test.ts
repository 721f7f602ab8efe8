import fc from 'fast-check'
import { expect, it } from 'vitest'
import { resizeBicubic } from './resize-bicubic.ts'

const grey = (...rows: readonly (readonly number[])[]) => ({
  width: rows[0]!.length,
  height: rows.length,
  data: Uint8Array.from(rows.flat().flatMap((value) => [value, value, value])),
})
const side = fc.integer({ min: 1, max: 12 })

it('puts an edge between two pixels where PIL puts it', () => {
  const edge = [0, 0, 0, 0, 255, 255, 255, 255]
  const { data } = resizeBicubic(grey(edge, edge), { width: 12, height: 2 })
  const row = Array.from({ length: 12 }, (_, x) => data[x * 3])
  // Image.resize((12, 2), Image.BICUBIC) of the same, PIL 11.1.
  expect(row).toEqual([0, 0, 0, 0, 0, 31, 224, 255, 255, 255, 255, 255])
})

it('keeps an image that has the size already, and an even colour at any', () => {
  fc.assert(
    fc.property(side, side, side, side, fc.nat(255), (width, height, wide, high, value) => {
      const flat = grey(...Array.from({ length: height }, () => new Array<number>(width).fill(value)))
      expect(new Set(resizeBicubic(flat, { width: wide, height: high }).data)).toEqual(new Set([value]))
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 36, maxLength: 36 }), (data) => {
      expect(resizeBicubic({ data, width: 4, height: 3 }, { width: 4, height: 3 }).data).toEqual(data)
    }),
  )
})

it('treats left and right alike', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(255), { minLength: 2, maxLength: 9 }), side, (row, width) => {
      const [there, back] = [row, row.toReversed()].map((each) => [
        ...resizeBicubic(grey(each), { width, height: 1 }).data,
      ])
      // Sums in the other order may round the other way.
      back!.toReversed().forEach((value, at) => {
        expect(Math.abs(value - there![at]!)).toBeLessThanOrEqual(1)
      })
    }),
  )
})
