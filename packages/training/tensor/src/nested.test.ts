import fc from 'fast-check'
import { expect, it } from 'vitest'
import { flatten, type Nested, nest } from './nested.ts'

it('flattens and nests back', () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 })
  fc.assert(
    fc.property(shapes, (shape) => {
      const nested = nest(shape, (i) => i)
      const flat = flatten(nested)
      expect(flat.shape).toEqual(shape)
      expect(flat.elements).toEqual(flat.elements.map((_, i) => i))
      expect(nest(flat.shape, (i) => flat.elements[i]!)).toEqual(nested)
    }),
  )
})

it('knows the shape of what is empty', () => {
  expect(flatten([])).toEqual({ elements: [], shape: [0] })
  expect(flatten([[], []])).toEqual({ elements: [], shape: [2, 0] })
  expect(nest([0, 3], () => 1)).toEqual([])
})

it.each([
  ['ragged arrays', [[1], [1, 2]], 'differ in length'],
  ['a number among arrays', [[1], 2], '2 stands where an array of 1'],
  ['an array among numbers', [1, [2]], 'an array stands where an element'],
  ['text', ['a'], 'a stands where an element'],
  ['nothing', null, 'null stands where an element'],
])('refuses %s', (_, data, message) => {
  expect(() => flatten(data as Nested)).toThrow(message)
})
