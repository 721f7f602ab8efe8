/**
 * Batch invariance under load: requests arrive at random with different priorities and shared prefixes, and some are cancelled;
 * each that stays must produce the same output as alone, despite preemption and cache moves.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import type { GenerateRequest, LlamaEngineOptions } from '@hadal/engine'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../kernel/base/test/slow-tests.ts'
import { type Answer, ask, collect, openEngine } from './open-engine.ts'

const prefixes = ['first', 'other', 'third'].map((name) =>
  `${name} begins like this, and goes on. `.repeat(12).slice(0, 330),
)
const sampling = fc.record(
  {
    temperature: fc.constantFrom(0, 1),
    seed: fc.nat(3),
    repeatPenalty: fc.constantFrom(1, 1.3),
    dryMultiplier: fc.constantFrom(0, 2),
  },
  { requiredKeys: ['temperature', 'seed'] },
)
const visit = fc.record({
  comesAfter: fc.nat(40),
  leavesAfter: fc.option(fc.nat(60)),
  request: fc
    .record(
      {
        prefix: fc.constantFrom(...prefixes),
        shared: fc.constantFrom(0, 40, 200, 300, 330),
        rest: fc.constantFrom(' asks', ' wants', ' and more', ' and more, and yet more of it'),
        maxTokens: fc.integer({ min: 1, max: 80 }),
        priority: fc.nat(2),
        owner: fc.constantFrom('a', 'b'),
        reusePrefix: fc.boolean(),
        sampling,
        ignoreEos: fc.constant(true),
        topLogprobs: fc.constant(0),
        promptLogprobs: fc.constant(0),
        grammar: fc.constant({ gbnf: 'root ::= [a-z ]{3,60} "."' }),
        thinking: fc.constant({ budget: 5, start: '', end: ' so' }),
      },
      { requiredKeys: ['prefix', 'shared', 'rest', 'maxTokens', 'sampling'] },
    )
    .map(
      ({ prefix, shared, rest, ...request }): Partial<GenerateRequest> => ({
        ...request,
        prompt: prefix.slice(0, shared) + rest,
      }),
    ),
})

const shape = { contextLength: 512, batchInvariant: true, speculation: 'off' } as const
const bytesPerPrompt = 400 * 3 * 2 * 32 * 2 * 2
const settings: readonly (readonly [string, Omit<LlamaEngineOptions, 'modelPath'>])[] = [
  ['room for all that leaves the cells', {}],
  ['room for two sequences in host memory', { hostCacheBytes: 2 * bytesPerPrompt }],
  ['no host memory', { hostCacheBytes: 0 }],
]

describe.each(settings)('with %s', (_, options) => {
  it('each says what it says alone', async () => {
    const limits = { maxBatchTokens: 64, maxPrefillTokensWhileDecoding: 32, priorityAgingMillis: 200 }
    await using alone = openEngine({ ...shape, maxBatchSize: 1, hostCacheBytes: 0 })
    await using together = openEngine({ ...shape, maxBatchSize: 3, ...limits, ...options })
    await Promise.all([alone.engine.ready(), together.engine.ready()])
    const known = new Map<string, Promise<Answer>>()
    const expected = (request: Partial<GenerateRequest>): Promise<Answer> => {
      const key = JSON.stringify(request)
      const prompt = request.prompt ?? ''
      const answer =
        known.get(key) ?? collect(alone.engine.generate(ask(prompt, { ...request, reusePrefix: false })))
      known.set(key, answer)
      return answer
    }
    let preemptions = 0
    together.engine.onStep((step) => {
      preemptions += step.preemptions ?? 0
    })
    await fc.assert(
      fc.asyncProperty(fc.array(visit, { minLength: 4, maxLength: 12 }), async (visits) => {
        await Promise.all(
          visits.map(async ({ comesAfter, leavesAfter, request }) => {
            await sleep(comesAfter)
            const signal = leavesAfter === null ? undefined : AbortSignal.timeout(leavesAfter)
            const answer = await collect(together.engine.generate(ask(request.prompt ?? '', request), signal))
            if (answer.finishReason === 'cancelled') return
            const { text, tokens, prompt, finishReason } = await expected(request)
            expect({ ...answer, usage: undefined }).toMatchObject({ text, tokens, prompt, finishReason })
            expect(answer.usage.cachedTokens).toBeLessThanOrEqual(answer.usage.promptTokens - 2)
          }),
        )
        const idle = { running: 0, waiting: 0, kvCacheUsage: 0, restarts: 0 }
        await expect.poll(() => together.engine.snapshot(), { interval: 1 }).toMatchObject(idle)
      }),
      { numRuns: runs(6, 60), endOnFailure: true },
    )
    // An urgent request preempts if it finds every slot taken. On a busy machine the others may be done by then: another try.
    const long = (priority: number): Promise<Answer> =>
      collect(together.engine.generate(ask('third', { maxTokens: 400, ignoreEos: true, priority })))
    const allGenerate = (): boolean =>
      together.engine.snapshot().slots?.every(({ generatedTokens }) => generatedTokens > 0) ?? false
    const meetUrgentOne = async (): Promise<void> => {
      let areDone = false
      const running = Promise.all([long(2), long(2), long(2)]).finally(() => {
        areDone = true
      })
      await expect.poll(() => areDone || allGenerate(), { interval: 1 }).toBe(true)
      await Promise.all([long(0), running])
    }
    preemptions = 0
    const rounds = options.hostCacheBytes === 0 ? 1 : 50
    for (let round = 0; round < rounds && preemptions === 0; round += 1) await meetUrgentOne()
    expect(preemptions > 0).toBe(options.hostCacheBytes !== 0)
  })
})
