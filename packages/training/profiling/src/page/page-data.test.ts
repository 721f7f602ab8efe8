import { expect, it } from 'vitest'
import { span } from '../../test/drawn-traces.ts'
import { traceOf } from '../trace.ts'
import { pageData } from './page-data.ts'

it('leaves the shortest spans out where they are too many, and counts them', () => {
  const spans = Array.from({ length: 105 }, (_, i) => span('operator', 'a', i * 10, i < 5 ? 1 : 2))
  const { columns, leftOut } = pageData(traceOf(spans), 100)
  expect([columns[0]!.length, leftOut]).toEqual([100, 5])
  expect(pageData(traceOf(spans), 105).leftOut).toBe(0)
})

it('keeps the largest of neighbours where there are many points of memory', () => {
  const spans = Array.from({ length: 40_001 }, (_, i) =>
    span('memory', 'memory', i, 0, { bytes: i % 2 === 0 ? 8 : -8 }),
  )
  const { memory } = pageData(traceOf(spans))
  expect(memory.length).toBeLessThan(2 * 20_001)
  expect(memory.filter((_, i) => i % 2 === 1).every((bytes) => bytes === 8)).toBe(true)
})
