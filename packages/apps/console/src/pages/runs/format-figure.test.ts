import { expect, it } from 'vitest'
import { formatFigure, formatLarge } from './format-figure.ts'

it('writes numbers of any size with at most four digits', () => {
  expect(
    [0, 2.34567, 1e-9, -0.00012345, 123456, 1e12, 1.5e7, Number.NaN, undefined].map(formatFigure),
  ).toEqual(['0', '2.346', '1e-9', '-1.23e-4', '123500', '1e12', '1.5e7', '–', '–'])
  expect([0, 950, 103_488, 5.8e6, 35e9, 1e21, null].map(formatLarge)).toEqual([
    '0',
    '950',
    '103 k',
    '5.8 M',
    '35 G',
    '1000 E',
    '–',
  ])
})
