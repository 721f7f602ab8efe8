import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, collect, type OpenEngine, openEngine } from './open-engine.ts'
import { tokens } from './tiny-model.ts'

let open: OpenEngine

beforeAll(async () => {
  open = openEngine(
    { maxBatchSize: 4, maxBatchTokens: 128, contextLength: 512 },
    { contextLength: 2048, type: 'F32' },
  )
  await open.engine.ready()
})
afterAll(() => open[Symbol.asyncDispose]())

const generate = (...args: Parameters<typeof ask>) => collect(open.engine.generate(ask(...args)))
const babble = (length: number): number[] => Array.from({ length }, (_, at) => ((at + 1) * 31 * 7919) % 256)

describe('log-probabilities of a prompt', () => {
  it('are those its tokens would have if they were generated', async () => {
    const prefix = babble(5)
    const said = await generate(prefix, { maxTokens: 200, topLogprobs: 3, ignoreEos: true })
    expect(said.ids).toHaveLength(200)
    // Longer than the logits rows of a batch, and than a batch.
    const { prompt, usage } = await generate([...prefix, ...said.ids], { maxTokens: 1, promptLogprobs: 3 })
    expect(usage.cachedTokens).toBe(0)
    expect(prompt).toHaveLength(205)
    expect(prompt![0]).toEqual({
      token: prefix[0],
      text: expect.any(String),
      bytes: [prefix[0]],
      top: [],
    })
    // Keys and values are 16-bit, and a whole prompt uses other kernels than single tokens.
    const differences: number[] = []
    for (const [at, { token, logprob, top }] of said.tokens.entries()) {
      const described = prompt![prefix.length + at]!
      expect(described).toMatchObject({ token })
      expect(described.top).toHaveLength(3)
      differences.push(Math.abs(described.logprob! - logprob))
      differences.push(Math.abs(described.top[0]!.logprob - top[0]!.logprob))
    }
    expect(Math.max(...differences)).toBeLessThan(0.5)
    expect(differences.reduce((sum, each) => sum + each, 0) / differences.length).toBeLessThan(0.05)
  })

  it('come alongside other work, also without alternatives', async () => {
    const long = babble(400)
    const answers = await Promise.all(
      [0, 1, 2, 3, 4, 5].map((at) =>
        generate(at % 2 === 0 ? long : long.slice(at), {
          maxTokens: 20,
          ignoreEos: true,
          ...(at % 2 === 0 && { promptLogprobs: at }),
        }),
      ),
    )
    for (const [at, { prompt, usage }] of answers.entries()) {
      expect(usage.completionTokens).toBe(20)
      expect(prompt?.length).toBe(at % 2 === 0 ? 400 : undefined)
      for (const { top } of prompt?.slice(1) ?? []) expect(top).toHaveLength(at)
    }
    expect(answers[2]!.prompt!.map(({ logprob }) => logprob?.toFixed(1))).toEqual(
      answers[0]!.prompt!.map(({ logprob }) => logprob?.toFixed(1)),
    )
  })

  it('have one without any when there is one token', async () => {
    const { prompt } = await generate('', { maxTokens: 1, promptLogprobs: 5 })
    expect(prompt).toEqual([{ token: tokens.bos, text: '', bytes: [], top: [] }])
  })

  it('come even where the first token is the last of all', async () => {
    const { prompt, text } = await generate('ab', { stopTokens: babble(256), promptLogprobs: 0 })
    expect(text).toBe('')
    expect(prompt).toHaveLength(3)
  })

  it.each([[-1], [101], [0.5]])('cannot be %d for each', async (promptLogprobs) => {
    await expect(generate('a', { promptLogprobs })).rejects.toMatchObject({ code: 'invalid_sampling' })
  })
})

describe('log-probabilities after sampling', () => {
  it('are of what samplers left', async () => {
    const sampling = { temperature: 0.7, topK: 4, topP: 1, minP: 0, seed: 1 }
    const both = { maxTokens: 20, topLogprobs: 20, ignoreEos: true, sampling }
    const before = await generate('p', both)
    const after = await generate('p', { ...both, logprobsAfterSampling: true })
    expect(after.ids).toEqual(before.ids)
    for (const [at, { token, logprob, top }] of after.tokens.entries()) {
      expect(top).toHaveLength(4)
      expect(top.reduce((sum, each) => sum + Math.exp(each.logprob), 0)).toBeCloseTo(1, 5)
      expect(top.find((each) => each.token === token)?.logprob).toBe(logprob)
      expect(top.map((each) => each.token)).toEqual(
        before.tokens[at]!.top.slice(0, 4).map((each) => each.token),
      )
      // The same ratios, sharpened by the temperature.
      const [best, next] = before.tokens[at]!.top
      expect(top[0]!.logprob - top[1]!.logprob).toBeCloseTo((best!.logprob - next!.logprob) / 0.7, 3)
    }
  })

  it('are certain where the choice is', async () => {
    const { tokens } = await generate('p', { maxTokens: 5, topLogprobs: 3, logprobsAfterSampling: true })
    for (const { token, logprob, top } of tokens) {
      expect(logprob).toBe(0)
      expect(top).toMatchObject([{ token, logprob: 0 }])
    }
  })

  it('are of what a grammar left', async () => {
    const { tokens } = await generate('p', {
      grammar: { gbnf: 'root ::= [xy]{10}' },
      topLogprobs: 5,
      logprobsAfterSampling: true,
      sampling: { temperature: 1, minP: 0, topP: 1, seed: 3 },
    })
    expect(tokens.length).toBeGreaterThan(5)
    for (const { top } of tokens.slice(0, 10))
      expect(top.reduce((sum, each) => sum + Math.exp(each.logprob), 0)).toBeLessThan(1 + 1e-5)
    expect(tokens.flatMap(({ text }) => text).join('')).toMatch(/^[xy]{10}$/)
  })
})
