import { createGuard } from '@hadal/guard'
import { describe, expect, it } from 'vitest'
import { wholeGuard } from './targets.ts'

describe('wholeGuard', () => {
  it('leaks the score of checks that stop texts, not of those that only flag', async () => {
    using guard = createGuard({
      policy: {
        checks: {
          classifier: 'off',
          similarity: 'off',
          perplexity: 'off',
          personalData: 'flag',
          secrets: 'block',
        },
      },
    })
    const reported: unknown[] = []
    const { ask } = wholeGuard(guard, 'user', true, ({ suspicion }) => reported.push(suspicion))
    expect(await ask('Write to bob@example.com')).toEqual({ isStopped: false, score: 0 })
    expect(reported).toEqual([expect.objectContaining({ personalData: 1 })])
  })
})
