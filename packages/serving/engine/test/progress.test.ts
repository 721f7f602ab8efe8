/** Prompt progress, from the slot in the batch to the last token, for requests that ask for it. */

import type { GenerateEvent } from '@hadal/engine'
import { createFakeEngine } from '@hadal/engine'
import { describe, expect, it } from 'vitest'
import { ask, openEngine } from './open-engine.ts'

async function all(events: AsyncIterable<GenerateEvent>): Promise<GenerateEvent[]> {
  const collected: GenerateEvent[] = []
  for await (const event of events) collected.push(event)
  return collected
}

const progressIn = (events: readonly GenerateEvent[]) =>
  events.flatMap((event) => (event.type === 'progress' ? [event] : []))

describe('the progress of a prompt', () => {
  it('is reported chunk by chunk, before any text', async () => {
    await using open = openEngine({ contextLength: 512, maxBatchTokens: 32 })
    const prompt = Array.from({ length: 200 }, (_, index) => (index % 7) + 5)
    const request = { maxTokens: 4, reportsProgress: true }
    const events = await all(open.engine.generate(ask(prompt, request)))
    const progress = progressIn(events)
    expect(progress.length).toBeGreaterThan(3)
    expect(progress[0]).toMatchObject({ promptTokens: 200, cachedTokens: 0, computedTokens: 0, millis: 0 })
    expect(progress.at(-1)!.computedTokens).toBe(200)
    for (const [index, { computedTokens, millis }] of progress.entries()) {
      if (index === 0) continue
      expect(computedTokens).toBeGreaterThan(progress[index - 1]!.computedTokens)
      expect(millis).toBeGreaterThanOrEqual(progress[index - 1]!.millis)
    }
    expect(events.slice(0, progress.length)).toEqual(progress)

    const again = progressIn(await all(open.engine.generate(ask(prompt, request))))
    expect(again[0]!.cachedTokens).toBeGreaterThan(100)
    expect(again[0]!.computedTokens).toBe(again[0]!.cachedTokens)
    expect(again.at(-1)!.computedTokens).toBe(200)
  })

  it('is not reported unless requested', async () => {
    await using open = openEngine()
    expect(progressIn(await all(open.engine.generate(ask([5, 6, 7], { maxTokens: 2 }))))).toEqual([])
  })

  it('is also reported by the fake engine', async () => {
    const engine = createFakeEngine({ reply: 'ok' })
    const reported = progressIn(await all(engine.generate(ask('hello', { reportsProgress: true }))))
    expect(reported.map(({ computedTokens }) => computedTokens)).toEqual([0, 5])
    expect(progressIn(await all(engine.generate(ask('hello'))))).toEqual([])
  })
})
