import fc from 'fast-check'
import { expect, it } from 'vitest'
import { axisAround, shortNumber } from './axis.ts'

const finite = fc.double({ min: -1e9, max: 1e9, noNaN: true }).filter((value) => Math.abs(value) > 1e-9)

it('holds every number, with a few ticks that rise', () => {
  fc.assert(
    fc.property(fc.array(finite), fc.boolean(), (values, isLog) => {
      const used = values.filter((value) => !isLog || value > 0)
      const { from, to, ticks } = axisAround('', values, isLog)
      expect(from).toBeLessThan(to)
      const hair = (to - from) * 1e-8
      for (const value of used) {
        expect(value).toBeGreaterThanOrEqual(from - hair)
        expect(value).toBeLessThanOrEqual(to + hair)
      }
      expect(ticks.length).toBeGreaterThanOrEqual(2)
      expect(ticks.length).toBeLessThanOrEqual(8)
      expect(ticks).toEqual([...ticks].sort((a, b) => a - b))
      for (const tick of ticks) expect(tick >= from && tick <= to).toBe(true)
    }),
  )
})

it('has round ends', () => {
  expect(axisAround('', [3, 12.2])).toMatchObject({ from: 0, to: 16, ticks: [0, 4, 8, 12, 16] })
  expect(axisAround('', [1, 16], true)).toMatchObject({ from: 1, to: 16, ticks: [1, 2, 5, 10] })
  expect(axisAround('', [1e-7, 3], true).ticks).toEqual([1e-7, 1e-5, 1e-3, 0.1, 10])
})

it('says numbers shortly', () => {
  expect([0, 0.0123456, 12.345, 1234.5, 1e-7, 12e9].map(shortNumber)).toEqual([
    '0',
    '0.0123',
    '12.3',
    '1,235',
    '1e-7',
    '1.2e+10',
  ])
})
