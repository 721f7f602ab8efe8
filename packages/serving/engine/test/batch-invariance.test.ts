import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, collect, type OpenEngine, openEngine } from './open-engine.ts'

/** Random greedy text must not hit the end-of-text token by chance. */
const long = { ignoreEos: true } as const
const babble = (seed: number, length: number): number[] =>
  Array.from({ length }, (_, at) => ((at + 1) * (seed * 2 + 31) * 7919) % 256)

describe.each([
  { trained: 512, contextLength: 512, flashAttention: /^flash attention: row by row/ },
  { trained: 2048, contextLength: 600, flashAttention: /^flash attention: off/ },
])(
  'batch invariance of a model with $contextLength tokens of context',
  ({ trained, contextLength, flashAttention }) => {
    let open: OpenEngine

    beforeAll(async () => {
      const size = { maxBatchSize: 8, maxBatchTokens: 128, contextLength }
      const invariance = trained === contextLength ? {} : { batchInvariant: true }
      open = openEngine({ ...size, ...invariance, maxQueue: 100 }, { contextLength: trained })
      await open.engine.ready()
    })
    afterAll(() => open[Symbol.asyncDispose]())

    const generate = (...args: Parameters<typeof ask>) => collect(open.engine.generate(ask(...args)))

    it('comes by the kernels that allow it', () => {
      expect(open.engine.choices).toContainEqual(expect.stringMatching(/^batch invariance: on/))
      expect(open.engine.choices).toContainEqual(expect.stringMatching(flashAttention))
    })

    it('gives the same greedy text alone and in company, in long contexts too', async () => {
      const prompts = Array.from({ length: 8 }, (_, at) => babble(at, at % 2 === 0 ? 20 + at : 300 + at * 7))
      const options = { maxTokens: 60, topLogprobs: 0, ...long }
      const alone = []
      for (const prompt of prompts) alone.push(await generate(prompt, options))
      const together = await Promise.all(prompts.map((prompt) => generate(prompt, options)))
      expect(new Set(alone.map((answer) => answer.text)).size).toBe(8)
      for (const [at, answer] of together.entries()) {
        expect(answer.text).toBe(alone[at]!.text)
        expect(answer.tokens.map((token) => token.logprob)).toEqual(
          alone[at]!.tokens.map((token) => token.logprob),
        )
      }
    })

    it('gives it too when others come and go at any time', async () => {
      const prompt = babble(50, 140)
      const alone = await generate(prompt, { maxTokens: 80, ...long })
      const others = Array.from({ length: 12 }, async (_, at) => {
        await new Promise((resolve) => setTimeout(resolve, at * 7))
        return generate(babble(60 + at, 1 + at * 23), { maxTokens: 5 + at * 3, ...long })
      })
      const between = Array.from({ length: 3 }, async (_, at) => {
        await new Promise((resolve) => setTimeout(resolve, at * 25))
        return generate(prompt, { maxTokens: 80, ...long })
      })
      for (const answer of await Promise.all(between)) expect(answer.text).toBe(alone.text)
      await Promise.all(others)
    })
  },
)
