import { afterEach, expect, it } from 'vitest'
import { ask, collect, type OpenEngine, openEngine } from './open-engine.ts'

let open: OpenEngine | undefined
afterEach(async () => {
  await open?.[Symbol.asyncDispose]()
  open = undefined
})

/** The longest chunk of a prompt that a step computed while another sequence got its next token. */
async function longestChunk(sloItlMillis: number | undefined): Promise<number> {
  open = openEngine({
    maxBatchSize: 2,
    contextLength: 512,
    speculation: 'off',
    ...(sloItlMillis !== undefined && { sloItlMillis }),
  })
  const { engine } = open
  await engine.ready()
  let longest = 0
  let steps = 0
  engine.onStep(({ decodeTokens, prefillTokens }) => {
    steps += 1
    // What steps take is known from the eighth on.
    if (decodeTokens > 0 && steps > 10) longest = Math.max(longest, prefillTokens)
  })
  const running = collect(engine.generate(ask('running', { maxTokens: 400, ignoreEos: true })))
  await expect.poll(() => steps, { interval: 1 }).toBeGreaterThan(12)
  await collect(engine.generate(ask('a long prompt, '.repeat(25), { maxTokens: 1, ignoreEos: true })))
  expect((await running).tokenCount).toBe(400)
  await open[Symbol.asyncDispose]()
  open = undefined
  return longest
}

it('a prompt is cut into shorter chunks where the time between tokens is promised', async () => {
  expect(await longestChunk(undefined)).toBe(128)
  const bounded = await longestChunk(1)
  expect(bounded).toBeGreaterThanOrEqual(8)
  expect(bounded).toBeLessThan(128)
})
