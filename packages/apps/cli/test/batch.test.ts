import { batch } from 'hadal'
import { expect, it } from 'vitest'

it('batches, by the name that people install', async () => {
  await using lengths = batch(async (texts: readonly string[]) => texts.map((text) => text.length), {
    maxBatchSize: 2,
    timeoutMicros: 5000,
  })
  expect(await Promise.all(['a', 'bcd', 'ef'].map((text) => lengths(text)))).toEqual([1, 3, 2])
  expect(lengths.stats).toMatchObject({ batches: 2, items: 3 })
})
