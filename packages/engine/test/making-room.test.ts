/** What is done with cells when several requests want them at once: regressions, each named for what broke. */

import type { GenerateRequest, LlamaEngineOptions } from '@hadal/engine'
import { afterEach, describe, expect, it } from 'vitest'
import { type Answer, ask, collect, type OpenEngine, openEngine } from './open-engine.ts'

/** Greedy babble must not meet the end-of-text token by chance. */
const long = { ignoreEos: true } as const
/** Of the tiny model: two bytes for each of 32 numbers, keys and values, 3 layers, 2 heads. */
const bytesPerCell = 3 * 2 * 32 * 2 * 2
const common = (cells: number): Partial<LlamaEngineOptions> => ({ kvCacheBytes: cells * bytesPerCell })

let open: OpenEngine | undefined
afterEach(async () => {
  await open?.[Symbol.asyncDispose]()
  open = undefined
})

async function started(options: Omit<LlamaEngineOptions, 'modelPath'>) {
  open = openEngine({ speculation: 'off', contextLength: 512, ...options })
  const { engine } = open
  await engine.ready()
  const generate = (prompt: string, more: Partial<GenerateRequest> = {}): Promise<Answer> =>
    collect(engine.generate(ask(prompt, { ...long, maxTokens: 5, ...more })))
  return { engine, generate }
}

/** So many tokens of the tiny model, told apart by their first. */
const text = (name: string, length: number): string =>
  `${name}: ${`${name} goes on like this, and `.repeat(30)}`.slice(0, length)

describe('cells of their own', () => {
  it('are not overwritten from host memory before they were copied to another slot', async () => {
    const { generate } = await started({ maxBatchSize: 2, batchInvariant: true })
    const [x, y, z] = [text('x', 330), text('y', 330), text('z', 330)]
    const wanted = `${x.slice(0, 200)} but ends otherwise`
    const alone = await generate(wanted, { reusePrefix: false, maxTokens: 30 })
    await generate(y)
    for (let use = 0; use < 4; use += 1) await generate(x)
    await generate(z)
    await generate('short')
    const [copied, restored] = await Promise.all([
      generate(wanted, { maxTokens: 30 }),
      generate(`${y} and more`),
    ])
    expect([copied.usage.cachedTokens, restored.usage.cachedTokens].every((cached) => cached > 190)).toBe(
      true,
    )
    expect(copied.text).toBe(alone.text)
  })
})

describe('common cells', () => {
  it('that hold more than what a prompt begins with do not keep it waiting for ever', async () => {
    const { engine, generate } = await started({ maxBatchSize: 2, ...common(512) })
    expect(engine.choices).toContainEqual(expect.stringMatching(/^kv cells: 512 shared/))
    const kept = text('kept', 450)
    await generate(kept)
    const answer = await generate(`${kept.slice(0, 100)}${text('other', 350)}`)
    expect(answer.usage.cachedTokens).toBeGreaterThan(90)
    expect(answer.tokenCount).toBe(5)
  })
})
