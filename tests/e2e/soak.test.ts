/** The short form of `npm run bench soak`. */

import { expect, it } from 'vitest'
import { soak } from '../../bench/soak/soak.ts'
import { serve } from '../../packages/apps/cli/test/hadal-process.ts'

it('readers that leave, readers that dawdle and an engine that is killed: every request has one outcome, and nothing is left behind', async () => {
  const { hadal, url } = await serve(
    ...['--model', 'nano', '--max-batch-size', '8', '--max-queue', '12'],
    ...['--context-length', '128', '--log-level', 'error'],
  )
  await using _ = hadal
  const plan = { requests: 600, clients: 24, killMillis: 700, maxTokens: 6, seed: 7 }
  const { issues, outcomes, kills } = await soak({ url, pid: hadal.child.pid! }, plan)
  expect(issues).toEqual([])
  expect(Object.values(outcomes).reduce((sum, count) => sum + count, 0)).toBe(plan.requests)
  expect(kills).toBeGreaterThan(0)
  expect(outcomes).toMatchObject({
    answered: expect.any(Number),
    left: expect.any(Number),
    engine_crashed: expect.any(Number),
  })
})
