import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sliceLines } from './slice-lines.ts'

it('slices are the text again, none is long, and what is added changes the last ones alone', () => {
  const text = fc
    .array(fc.constantFrom('a\n', '\n', 'line of code\n', 'b'))
    .map((parts) => parts.join('').repeat(20))
  fc.assert(
    fc.property(text, (code) => {
      const slices = sliceLines(code)
      expect(slices.join('\n')).toBe(code)
      expect(slices.every((slice) => slice.length <= 4_000)).toBe(true)
      expect(sliceLines(`${code}more`).slice(0, slices.length - 1)).toEqual(slices.slice(0, -1))
    }),
    { numRuns: 200 },
  )
})

it('a line without end is cut', () => {
  const slices = sliceLines('x'.repeat(10_000))
  expect(slices.map(({ length }) => length)).toEqual([4_000, 4_000, 2_000])
})
