import { expect, it } from 'vitest'
import { remainingMillis } from './remaining-time.ts'

it('is what is expected before anything is known', () => {
  expect(remainingMillis({ done: [], rest: [2000, 3000] })).toBe(5000)
  const current = { expectedMillis: 4000, sinceMillis: 1000 }
  expect(remainingMillis({ done: [], current, rest: [2000] })).toBe(5000)
})

it('is never less than nothing for a claim that takes longer than expected', () => {
  const current = { expectedMillis: 4000, sinceMillis: 9000 }
  expect(remainingMillis({ done: [], current, rest: [] })).toBe(0)
  expect(remainingMillis({ done: [], current: { ...current, sinceMillis: 4000 }, rest: [1000] })).toBe(1000)
  const slower = remainingMillis({ done: [], current: { ...current, sinceMillis: 12_000 }, rest: [1000] })
  expect(slower).toBe(2000)
})

it('follows the pace of what is done, more closely with each', () => {
  const twice = { expectedMillis: 1000, tookMillis: 2000 }
  const after = (count: number): number =>
    remainingMillis({ done: Array.from({ length: count }, () => twice), rest: [1000] })
  expect(after(1)).toBe(1500)
  expect(after(9)).toBe(1900)
})

it('does not count claims that were not measured', () => {
  expect(remainingMillis({ done: [{ expectedMillis: 0, tookMillis: 3 }], rest: [1000] })).toBe(1000)
})
