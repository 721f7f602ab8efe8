import { expect, it } from 'vitest'
import { TimeLimit } from './time-limit.ts'

it('ends a text that took too long once it has a line break', () => {
  let now = 1000
  const limit = new TimeLimit(100, () => now)
  limit.wrote('a')
  now += 101
  limit.wrote('b')
  expect(limit.signal.aborted).toBe(false)
  limit.wrote('c\n')
  expect(limit.signal.aborted).toBe(true)
})

it('lets a text go on that is quick, and counts from its first token', () => {
  let now = 0
  const limit = new TimeLimit(100, () => now)
  now = 5000
  limit.wrote('\n')
  now += 100
  limit.wrote('x')
  expect(limit.signal.aborted).toBe(false)
  now += 1
  limit.wrote('y')
  expect(limit.signal.aborted).toBe(true)
})
