import type { SamplerName, SamplingParams } from '@hadal/engine'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, collect, type OpenEngine, openEngine } from './open-engine.ts'
import { leftBySamplers } from './reference-samplers.ts'
import { chainOf, tokens } from './tiny-model.ts'

/** After BOS it emits "abcabcabc…" without any sampler. */
const loop = { ...chainOf('abc'), 99: 0x61 }
let open: OpenEngine

beforeAll(async () => {
  open = openEngine({ maxBatchSize: 8, contextLength: 256 }, { chain: loop })
  await open.engine.ready()
})
afterAll(() => open[Symbol.asyncDispose]())

const generate = (...args: Parameters<typeof ask>) => collect(open.engine.generate(ask(...args)))
const say = async (sampling: SamplingParams, maxTokens = 12) =>
  (await generate('', { maxTokens, sampling })).text

/** Logits after BOS: for the predicted token, and for all others. */
const logits = Array.from({ length: 261 }, (_, token) => (token === 0x61 ? 1 / Math.sqrt(1 / 288 + 1e-5) : 0))
/** Biased so far above all other tokens that only these matter. */
const lifted = [...Buffer.from('ABCDEFGH')]

const hundredths = (least: number, most: number) =>
  fc.integer({ min: Math.round(least * 100), max: Math.round(most * 100) }).map((value) => value / 100)

describe('what samplers leave', () => {
  const sampling: fc.Arbitrary<SamplingParams> = fc.record(
    {
      temperature: fc.oneof(hundredths(0.1, 2), fc.constant(0)),
      topK: fc.integer({ min: -1, max: 9 }),
      topP: hundredths(0, 1),
      minP: hundredths(0, 1),
      typicalP: hundredths(0, 1),
      topNSigma: hundredths(-1, 3),
      xtcThreshold: hundredths(0.01, 0.6),
      xtcProbability: fc.constantFrom(0, 1),
      dynamicTemperatureRange: fc.oneof(fc.constant(0), hundredths(0.1, 2)),
      dynamicTemperatureExponent: hundredths(0.2, 3),
      repeatPenalty: hundredths(0.5, 2),
      presencePenalty: hundredths(-2, 2),
      frequencyPenalty: hundredths(-2, 2),
      penaltyWindow: fc.integer({ min: -1, max: 12 }),
      minKeep: fc.integer({ min: 0, max: 4 }),
      samplers: fc.shuffledSubarray<SamplerName>([
        'penalties',
        'top_n_sigma',
        'top_k',
        'typ_p',
        'top_p',
        'min_p',
        'xtc',
        'temperature',
      ]),
    },
    { requiredKeys: [] },
  )
  const biases = fc.array(hundredths(100, 105), {
    minLength: lifted.length,
    maxLength: lifted.length,
  })
  const prompt = fc.array(fc.constantFrom(...lifted), { maxLength: 10 }).map((rest) => [tokens.bos, ...rest])

  it('is what their definitions say, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(sampling, biases, prompt, async (params, lifts, [bos, ...rest]) => {
        // The prompt ends with BOS, after which the logits are known.
        const said = [...rest, bos!]
        const logitBias = new Map(lifted.map((token, at) => [token, Math.fround(lifts[at]!)]))
        const answer = await generate(said, {
          maxTokens: 1,
          topLogprobs: 20,
          logprobsAfterSampling: true,
          sampling: { ...params, logitBias, seed: 1 },
        })
        const biased = logits.map((logit, token) => logit + (logitBias.get(token) ?? 0))
        const expected = leftBySamplers(biased, said, params)
        if (expected === 'close') return
        const [chosen] = answer.tokens
        const got = new Map(chosen!.top.map(({ token, logprob }) => [token, logprob]))
        for (const [token, probability] of expected)
          if (probability > 1e-4) expect(Math.exp(got.get(token) ?? -999)).toBeCloseTo(probability, 2)
        for (const [token, logprob] of got)
          if (logprob > -9) expect(expected.get(token) ?? 0).toBeCloseTo(Math.exp(logprob), 2)
        expect(expected.has(chosen!.token)).toBe(true)
        expect([...got.values()].reduce((sum, logprob) => sum + Math.exp(logprob), 0)).toBeCloseTo(1, 4)
      }),
      { numRuns: 200 },
    )
  })
})

describe('DRY', () => {
  const dry = { temperature: 0, dryMultiplier: 100, drySequenceBreakers: [] }

  it('ends a repetition that is longer than allowed', async () => {
    expect(await say({ temperature: 0 })).toBe('abcabcabcabc')
    // "ab" may repeat, "abc" may not.
    expect((await say(dry)).slice(0, 6)).not.toBe('abcabc')
    expect((await say(dry)).slice(0, 5)).toBe('abcab')
    expect((await say({ ...dry, dryAllowedLength: 4 })).slice(0, 7)).toBe('abcabca')
    expect(await say({ ...dry, dryAllowedLength: 4 })).not.toBe('abcabcabcabc')
  })

  it('sees nothing beyond a text that ends sequences, nor beyond its window', async () => {
    expect(await say({ ...dry, drySequenceBreakers: ['c'] })).toBe('abcabcabcabc')
    expect(await say({ ...dry, dryPenaltyWindow: 3 })).toBe('abcabcabcabc')
    expect(await say({ ...dry, dryPenaltyWindow: 0 })).toBe('abcabcabcabc')
  })

  it('knows what the prompt said', async () => {
    const { text } = await generate('abcab', { maxTokens: 1, sampling: dry })
    expect(text).not.toBe('c')
  })

  it('is made anew when many with other breakers came meanwhile', async () => {
    const breakers = Array.from({ length: 12 }, (_, at) => String(at))
    for (const breaker of [...breakers, ...breakers])
      expect((await say({ ...dry, drySequenceBreakers: [breaker] })).slice(0, 6)).not.toBe('abcabc')
  })
})

describe('mirostat', () => {
  const spread = new Map(Array.from({ length: 64 }, (_, at) => [at + 32, 50 - at / 8]))

  it.each([1, 2] as const)(
    '%d gives the same with the same seed, and more surprise with a larger tau',
    async (mirostat) => {
      const said = async (mirostatTau: number, seed: number) => {
        const sampling = { mirostat, mirostatTau, mirostatEta: 0.5, temperature: 1, seed, logitBias: spread }
        const { tokens } = await generate('', { maxTokens: 60, topLogprobs: 0, sampling })
        return tokens.map(({ token }) => token)
      }
      const kinds = async (tau: number) => new Set(await said(tau, 3)).size
      expect(await said(3, 1)).toEqual(await said(3, 1))
      expect(await said(3, 1)).not.toEqual(await said(3, 2))
      expect(await kinds(0.5)).toBeLessThan(await kinds(4))
    },
  )

  it('at temperature 0 is greedy', async () => {
    expect(await say({ mirostat: 2, temperature: 0 })).toBe('abcabcabcabc')
  })
})

describe('temperature', () => {
  it('at or below 0 is greedy, next to 0 too', async () => {
    for (const temperature of [0, -1, 1e-30, 1e-6, 0.001])
      expect(await say({ temperature, samplers: ['temperature'] })).toBe('abcabcabcabc')
  })

  it('that moves down to 0 is greedy where the model is sure', async () => {
    const sampling = { temperature: 1, dynamicTemperatureRange: 1, dynamicTemperatureExponent: 100 }
    expect(await say({ ...sampling, samplers: ['temperature'] })).toBe('abcabcabcabc')
  })
})

describe('any parameters that are taken', () => {
  it('have log-probabilities, also where samplers left only what others had ruled out', async () => {
    const sampling = { topP: 1, minP: 0, topNSigma: 1, xtcProbability: 1, xtcThreshold: 0 }
    const answer = await generate('abcabc', {
      maxTokens: 5,
      topLogprobs: 3,
      logprobsAfterSampling: true,
      ignoreEos: true,
      sampling,
    })
    for (const { logprob } of answer.tokens) expect(logprob).toBeLessThanOrEqual(1e-3)
  })

  it('give tokens, and end no process', async () => {
    const from = (...values: number[]) => fc.constantFrom(...values)
    const extremes: fc.Arbitrary<SamplingParams> = fc.record(
      {
        temperature: from(-100, 0, 1e-40, 1e-9, 1e-5, 1, 100),
        topK: from(-5, 0, 1, 2 ** 31 - 1),
        topP: from(0, 1e-40, 1e-9, 0.5, 1),
        minP: from(0, 1e-40, 1e-9, 0.5, 1),
        typicalP: from(0, 1e-40, 1e-9, 0.5, 1),
        topNSigma: from(-100, 0, 1e-40, 1e-9, 1, 100),
        xtcProbability: from(0, 1e-40, 0.5, 1),
        xtcThreshold: from(0, 1e-40, 0.5, 1),
        dynamicTemperatureRange: from(0, 1e-40, 1e-9, 1, 100),
        dynamicTemperatureExponent: from(0, 1e-40, 1, 100),
        repeatPenalty: from(0.01, 1, 100),
        presencePenalty: from(-100, 0, 1e-40, 100),
        frequencyPenalty: from(-100, 0, 1e-40, 100),
        penaltyWindow: from(-1, 0, 1, 2 ** 31 - 1),
        dryMultiplier: from(0, 1e-40, 1, 100),
        dryBase: from(0, 1e-40, 1, 1.000001, 100),
        dryAllowedLength: from(0, 1, 2 ** 31 - 1),
        dryPenaltyWindow: from(-1, 0, 1, 2 ** 31 - 1),
        drySequenceBreakers: fc.constantFrom([], ['\u{1f642}', 'a', 'é'.repeat(20)]),
        mirostat: fc.constantFrom(0 as const, 1 as const, 2 as const),
        mirostatTau: from(0, 1e-40, 5, 100),
        mirostatEta: from(0, 1e-40, 1),
        minKeep: from(0, 1, 2 ** 31 - 1),
        seed: from(0, 1, 2 ** 32 - 2, 2 ** 32 - 1),
        logitBias: fc.constantFrom(
          new Map([[0x61, -1000]]),
          new Map(logits.map((_, token) => [token, 1000])),
        ),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(extremes, fc.boolean(), async (sampling, logprobsAfterSampling) => {
        const answer = await generate('abcabc', {
          maxTokens: 5,
          topLogprobs: 3,
          logprobsAfterSampling,
          ignoreEos: true,
          sampling,
        })
        expect(answer.tokens).toHaveLength(5)
        for (const { logprob } of answer.tokens) expect(logprob).toBeLessThanOrEqual(1e-3)
      }),
      { numRuns: 200 },
    )
    expect(open.engine.snapshot()).toMatchObject({ state: 'ready', restarts: 0 })
  })

  it.each([
    [{ drySequenceBreakers: [''] }, 'drySequenceBreakers'],
    [{ drySequenceBreakers: ['x'.repeat(41)] }, 'drySequenceBreakers'],
    [{ samplers: ['nonsense' as 'dry'] }, 'samplers'],
    [{ samplers: ['dry', 'dry'] as const }, 'samplers'],
    [{ mirostat: 3 as 2 }, 'mirostat'],
    [{ minKeep: -1 }, 'minKeep'],
  ])('refuse %o', async (sampling, name) => {
    await expect(generate('a', { sampling })).rejects.toMatchObject({
      code: 'invalid_sampling',
      message: expect.stringContaining(name),
    })
  })
})
