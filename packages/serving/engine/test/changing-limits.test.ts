import type { StepReport } from '@hadal/engine'
import { afterEach, describe, expect, it } from 'vitest'
import { ask, collect, type OpenEngine, openEngine } from './open-engine.ts'

let open: OpenEngine | undefined
afterEach(async () => {
  await open?.[Symbol.asyncDispose]()
  open = undefined
})

const limits = { maxBatchSize: 2, maxBatchTokens: 64, maxPrefillTokensWhileDecoding: 32, timeoutMicros: 0 }

async function started() {
  open = openEngine({ ...limits, contextLength: 256, speculation: 'off' })
  await open.engine.ready()
  const steps: StepReport[] = []
  open.engine.onStep((step) => steps.push(step))
  const generate = (prompt: string, maxTokens: number) =>
    collect(open!.engine.generate(ask(prompt, { maxTokens, ignoreEos: true, reusePrefix: false })))
  /** Maximum prompt tokens in a step alongside a generating sequence. */
  const maxBeside = async (): Promise<number> => {
    steps.length = 0
    await Promise.all([generate('a', 60), generate('b'.repeat(150), 2)])
    return Math.max(
      ...steps.filter(({ decodeTokens }) => decodeTokens > 0).map(({ prefillTokens }) => prefillTokens),
    )
  }
  return { engine: open.engine, steps, generate, maxBeside }
}

describe('limits that change while an engine serves', () => {
  it('count from the next step on', async () => {
    const { engine, steps, generate, maxBeside } = await started()
    expect(engine.limits).toEqual(limits)
    expect(await maxBeside()).toBe(32)
    expect(engine.limit!({ maxPrefillTokensWhileDecoding: 7 })).toEqual({
      ...limits,
      maxPrefillTokensWhileDecoding: 7,
    })
    expect(await maxBeside()).toBe(7)
    engine.limit!({ maxBatchSize: 1 })
    steps.length = 0
    await Promise.all([generate('a', 5), generate('b', 5)])
    expect(Math.max(...steps.map(({ running }) => running))).toBe(1)
  })

  it('stay as they are when the process is started again', async () => {
    const { engine, generate, maxBeside } = await started()
    engine.limit!({ maxPrefillTokensWhileDecoding: 5 })
    process.kill(open!.pids[0]!, 'SIGKILL')
    await expect.poll(() => open!.pids.length).toBe(2)
    await generate('a', 2)
    expect(await maxBeside()).toBe(5)
  })

  it('do not become more than the engine was started with', async () => {
    const { engine, generate } = await started()
    const most = { ...limits, maxPrefillTokensWhileDecoding: 64 }
    expect(
      engine.limit!({ maxBatchSize: 99, maxBatchTokens: 9999, maxPrefillTokensWhileDecoding: 9999 }),
    ).toEqual(most)
    expect((await generate('c'.repeat(200), 3)).tokenCount).toBe(3)
  })

  it('every step reports what it computed', async () => {
    const { steps, generate } = await started()
    await generate('d'.repeat(39), 3)
    const [first, second] = steps
    expect(first!.prefillTokens).toBeGreaterThan(30)
    expect(first!.attendedTokens).toBeGreaterThan(0)
    expect(second!.attendedTokens).toBeGreaterThan(30)
  })
})
