import { expect, it } from 'vitest'
import { patience } from './patience.ts'

it('grows with the largest step of the model', () => {
  expect(patience(120_000, 1e6, 512)).toBeCloseTo(120_102.4)
  // 8 billion parameters: a quarter of an hour for a step of 512 tokens.
  expect(patience(120_000, 8e9, 512) / 60_000).toBeCloseTo(15.65, 1)
  expect(patience(120_000, 4e11, 65_536)).toBe(86_400_000)
})
