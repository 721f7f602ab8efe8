import { describe, expect, it } from 'vitest'
import type { FinishedChoice } from '../dialect.ts'
import { bestChoices } from './best-choices.ts'

const choice = (text: string, ...logprobs: number[]): FinishedChoice =>
  ({ text, logprobs: logprobs.map((logprob) => ({ logprob })) }) as unknown as FinishedChoice

describe('bestChoices', () => {
  it('keeps the likeliest of each prompt by the mean of their tokens, best first', () => {
    const written = [
      choice('a', -3),
      choice('b', -1, -2),
      choice('c', -1, -1, -1, -1),
      choice('d', -9),
      choice('e', -8),
      choice('f'),
    ]
    expect(bestChoices(written, 3, 2).map(({ text }) => text)).toEqual(['c', 'b', 'f', 'e'])
    expect(bestChoices(written, 3, 3)).toBe(written)
  })
})
