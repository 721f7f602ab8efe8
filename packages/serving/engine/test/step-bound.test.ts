import { afterEach, expect, it } from 'vitest'
import { ask, collect, type OpenEngine, openEngine } from './open-engine.ts'

let open: OpenEngine | undefined
afterEach(async () => {
  await open?.[Symbol.asyncDispose]()
  open = undefined
})

/** The first prompt chunk computed in a step with a generating sequence. */
async function firstChunk(sloItlMillis: number | undefined): Promise<number> {
  open = openEngine({
    maxBatchSize: 2,
    contextLength: 512,
    speculation: 'off',
    ...(sloItlMillis !== undefined && { sloItlMillis }),
  })
  const { engine } = open
  await engine.ready()
  let chunk: number | undefined
  let steps = 0
  let prompt: Promise<unknown> | undefined
  engine.onStep(({ decodeTokens, prefillTokens }) => {
    steps += 1
    if (decodeTokens > 0) chunk ??= prefillTokens > 0 && steps > 10 ? prefillTokens : undefined
    // Step costs are known from the eighth step on.
    if (steps > 12)
      prompt ??= collect(
        engine.generate(ask('a long prompt, '.repeat(25), { maxTokens: 1, ignoreEos: true })),
      )
  })
  const running = collect(engine.generate(ask('running', { maxTokens: 400, ignoreEos: true })))
  expect((await running).tokenCount).toBe(400)
  await prompt
  await open[Symbol.asyncDispose]()
  open = undefined
  return chunk!
}

it('a prompt is cut into shorter chunks where the time between tokens is promised', async () => {
  expect(await firstChunk(undefined)).toBe(128)
  const bounded = await firstChunk(1)
  expect(bounded).toBeGreaterThanOrEqual(8)
  expect(bounded).toBeLessThan(128)
})
