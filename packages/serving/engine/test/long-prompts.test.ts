import { afterAll, describe, expect, it } from 'vitest'
import { ask, collect, openEngine } from './open-engine.ts'
import { tokens } from './tiny-model.ts'

// Tokenised on the few worker threads. `<user>` is one token.
const prompt = '<user>'.repeat(1400)
const open = openEngine({ maxBatchSize: 64 }, { contextLength: 2048 })
const { engine } = open
afterAll(() => open[Symbol.asyncDispose]())

const one = { maxTokens: 1, ignoreEos: true } as const

describe('long prompts', () => {
  it('may come all at once', async () => {
    await engine.ready()
    const answers = Array.from({ length: 40 }, () => collect(engine.generate(ask(prompt, one))))
    for (const { usage } of await Promise.all(answers))
      expect(usage).toMatchObject({ promptTokens: 1401, completionTokens: 1 })
    expect(engine.snapshot()).toMatchObject({ state: 'ready', restarts: 0, running: 0 })
  })

  it('may all be too long', async () => {
    const answers = Array.from({ length: 40 }, () => collect(engine.generate(ask('a'.repeat(9000), one))))
    for (const answer of await Promise.allSettled(answers))
      expect(answer).toMatchObject({ reason: { code: 'context_length_exceeded' } })
    expect(engine.snapshot().restarts).toBe(0)
  })

  it('that are cancelled at once do not delay others', async () => {
    const controller = new AbortController()
    const left = Array.from({ length: 60 }, () =>
      collect(engine.generate(ask(prompt, one), controller.signal)),
    )
    // By then they are in the process.
    await new Promise((resolve) => setTimeout(resolve, 5))
    controller.abort()
    for (const { finishReason } of await Promise.all(left)) expect(finishReason).toBe('cancelled')
    const good = Array.from({ length: 10 }, () => collect(engine.generate(ask(prompt, one))))
    for (const { usage } of await Promise.all(good)) expect(usage.completionTokens).toBe(1)
    expect(engine.snapshot()).toMatchObject({ restarts: 0, running: 0, waiting: 0 })
  })

  it('may be asked about all at once', async () => {
    const answers = Array.from({ length: 40 }, () => engine.tokenize(prompt, { parseSpecial: true }))
    for (const answer of await Promise.all(answers)) expect(answer).toEqual(Array(1400).fill(tokens.user))
    expect(engine.snapshot().restarts).toBe(0)
  })
})
