import { expect, it } from 'vitest'
import { camelCase, Kind, readOverloads } from './schema.ts'

it.each([
  ['add', 'add'],
  ['add_', 'add_'],
  ['log_softmax', 'logSoftmax'],
  ['_foreach_mul_', '_foreachMul_'],
  ['_weight_int8pack_mm', '_weightInt8packMm'],
  ['upsample_nearest2d', 'upsampleNearest2d'],
  ['matrix_H', 'matrix_H'],
])('%s is spelt %s', (name, spelt) => {
  expect(camelCase(name)).toBe(spelt)
})

it('reads what the addon says, simple overloads first, without those for named dimensions', () => {
  const overloads = readOverloads([
    [
      7,
      'dim',
      'sum.dim',
      ['self', Kind.Tensor, 0, 0, 'dim', Kind.Int, 1 | 2, 1, 'keep_dim', Kind.Bool, 64, 0],
      [1, 0, -1],
    ],
    [8, 'names_dim', 'sum.names_dim', ['self', Kind.Tensor, 0, 0], [1, 0, -1]],
    [9, '', 'sum', ['self', Kind.Tensor, 16, 0], [1, 0, 0, 2, 1, -1]],
  ])
  expect(overloads.map(({ index }) => index)).toEqual([9, 7])
  expect(overloads[1]!.parameters[1]).toMatchObject({ key: 'dim', list: true, optional: true, length: 1 })
  expect(overloads[1]!.parameters[2]).toMatchObject({ name: 'keep_dim', key: 'keepDim', hasDefault: true })
  expect(overloads[0]!.results).toEqual([
    { kind: 1, list: false, argument: 0 },
    { kind: 2, list: true, argument: -1 },
  ])
})
