import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ThinnedSeries } from './thinned-series.ts'

it('keeps the lowest, the highest and the last of any curve, in order and in bounded room', () => {
  const value = fc.double({ noNaN: true, noDefaultInfinity: true })
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 20_000 }), (values) => {
      const series = new ThinnedSeries()
      for (const [step, each] of values.entries()) series.push(step, each)
      const { steps, values: kept } = series.points()
      expect(steps.length).toBeLessThanOrEqual(4001)
      expect(kept.reduce((a, b) => Math.min(a, b))).toBe(values.reduce((a, b) => Math.min(a, b)))
      expect(kept.reduce((a, b) => Math.max(a, b))).toBe(values.reduce((a, b) => Math.max(a, b)))
      expect(series.last).toEqual({ step: values.length - 1, value: values.at(-1) })
      expect(steps.at(-1)).toBe(values.length - 1)
      for (const [at, step] of steps.entries()) {
        expect(kept[at]).toBe(values[step])
        if (at > 0) expect(step).toBeGreaterThan(steps[at - 1]!)
      }
    }),
    { numRuns: 40 },
  )
})

it('shows a spike of one step among a million', () => {
  const series = new ThinnedSeries()
  for (let step = 0; step < 1_000_000; step += 1) series.push(step, step === 654_321 ? 9 : 1)
  const { steps, values } = series.points()
  expect(steps[values.indexOf(9)]).toBe(654_321)
})
