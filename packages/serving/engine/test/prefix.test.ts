import type { GenerateRequest, LlamaEngineOptions } from '@hadal/engine'
import { afterEach, describe, expect, it } from 'vitest'
import { ask, collect, type OpenEngine, openEngine } from './open-engine.ts'

/** Random greedy text must not hit the end-of-text token by chance. */
const long = { ignoreEos: true } as const
const prefix = 'what every one of these prompts begins with, word for word, '.repeat(4)

let open: OpenEngine | undefined
afterEach(async () => {
  await open?.[Symbol.asyncDispose]()
  open = undefined
})

/** Separate cells, or a shared pool. */
const kinds: [string, Omit<LlamaEngineOptions, 'modelPath'>][] = [
  ['own', { maxBatchSize: 6, contextLength: 512 }],
  ['common', { maxBatchSize: 6, contextLength: 512, kvCacheBytes: 2048 * 3 * 2 * 32 * 2 * 2 }],
]

async function started(options: Omit<LlamaEngineOptions, 'modelPath'>) {
  open = openEngine({ ...options, speculation: 'off' })
  const { engine } = open
  await engine.ready()
  let prefilled = 0
  engine.onStep(({ prefillTokens }) => {
    prefilled += prefillTokens
  })
  const generate = (prompt: string, more: Partial<GenerateRequest> = {}) =>
    collect(engine.generate(ask(prompt, { maxTokens: 20, ...long, ...more })))
  return { engine, generate, prefilled: () => prefilled }
}

describe.each(kinds)('prompts that begin alike, with cells of their %s', (kind, options) => {
  it('compute the beginning once, though all come at the same time', async () => {
    const { engine, generate, prefilled } = await started(options)
    expect(engine.choices).toContainEqual(
      expect.stringMatching(kind === 'own' ? /^kv cells: \d+ for each/ : /^kv cells: \d+ shared/),
    )
    const prompts = Array.from({ length: 6 }, (_, at) => `${prefix}${at}`)
    const answers = await Promise.all(prompts.map((prompt) => generate(prompt)))
    const [promptTokens, cachedTokens] = (['promptTokens', 'cachedTokens'] as const).map((key) =>
      answers.reduce((sum, { usage }) => sum + usage[key], 0),
    ) as [number, number]
    expect(cachedTokens).toBeGreaterThan(5 * 200)
    expect(prefilled()).toBe(promptTokens - cachedTokens)
  })

  it('do not share cells across owners or when prefix reuse is off', async () => {
    const { generate } = await started(options)
    const all = await Promise.all([
      generate(prefix, { owner: 'one' }),
      generate(prefix, { owner: 'two' }),
      generate(prefix),
      generate(prefix, { reusePrefix: false }),
    ])
    expect(all.map(({ usage }) => usage.cachedTokens)).toEqual([0, 0, 0, 0])
  })

  it('count what is computed and what is not, while they come and go', async () => {
    const { engine, generate, prefilled } = await started(options)
    const requests = Array.from({ length: 30 }, async (_, at) => {
      await new Promise((resolve) => setTimeout(resolve, at * 5))
      const prompt = `${prefix.slice(0, (at * 53) % 240)}${at % 4}${'x'.repeat(at)}`
      return generate(prompt, { maxTokens: 1 + ((at * 7) % 25), owner: `${at % 2}` })
    })
    let computed = 0
    for (const { usage } of await Promise.all(requests)) computed += usage.promptTokens - usage.cachedTokens
    expect(prefilled()).toBe(computed)
    expect(engine.snapshot().kvCacheUsage).toBe(0)
  })
})

it('prompts that share cells say what they say without', async () => {
  const { generate } = await started({ maxBatchSize: 6, contextLength: 512 })
  const prompts = Array.from({ length: 6 }, (_, at) => `${prefix}${String.fromCharCode(97 + at)}`)
  const alone = []
  for (const prompt of prompts) alone.push((await generate(prompt, { reusePrefix: false })).text)
  const together = await Promise.all(prompts.map((prompt) => generate(prompt)))
  expect(together.map(({ text }) => text)).toEqual(alone)
  expect(together.filter(({ usage }) => usage.cachedTokens > 200)).not.toHaveLength(0)
})

it('one that leaves while others wait for its beginning does not hold them up', async () => {
  const { engine, generate } = await started({ maxBatchSize: 4, maxBatchTokens: 16, contextLength: 512 })
  const leaving = new AbortController()
  const first = collect(engine.generate(ask(`${prefix}0`, long), leaving.signal))
  const others = [1, 2, 3].map((at) => generate(`${prefix}${at}`))
  await expect.poll(() => engine.snapshot().kvCacheUsage).toBeGreaterThan(0)
  leaving.abort()
  expect((await first).finishReason).toBe('cancelled')
  for (const { tokenCount } of await Promise.all(others)) expect(tokenCount).toBe(20)
})

it.each([
  [false, 1],
  [true, 2],
])(
  'with batchInvariant %s, a prompt that is known computes its last %i tokens',
  async (batchInvariant, computed) => {
    const { generate } = await started({ maxBatchSize: 1, contextLength: 512, batchInvariant })
    const first = await generate(prefix)
    const again = await generate(prefix)
    expect(first.usage.cachedTokens).toBe(0)
    expect(again.usage.cachedTokens).toBe(first.usage.promptTokens - computed)
    expect(again.text).toBe(first.text)
  },
)
