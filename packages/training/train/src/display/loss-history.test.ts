import { expect, it } from 'vitest'
import { LossHistory } from './loss-history.ts'

it('a history holds every loss while they are few', () => {
  const history = new LossHistory()
  expect(history.values).toEqual([])
  for (const loss of [3, 2, Number.NaN, 1]) history.add(loss)
  expect(history.values).toEqual([3, 2, Number.NaN, 1])
})

it('a history of many losses stays small, spans them all, and keeps their mean', () => {
  const history = new LossHistory()
  const count = 100_000
  for (let i = 0; i < count; i += 1) history.add(i)
  const { values } = history
  expect(values.length).toBeGreaterThan(512)
  expect(values.length).toBeLessThanOrEqual(1024)
  // Groups of 128 steps: the first ends at 127, and 100000 = 781 · 128 + 32.
  expect(values[0]).toBe(63.5)
  expect(values.at(-2)).toBe(780 * 128 + 63.5)
  expect(values.at(-1)).toBe(count - 1 - 15.5)
})
