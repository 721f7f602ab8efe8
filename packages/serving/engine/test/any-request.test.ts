import type { GenerateRequest, LlamaEngineOptions } from '@hadal/engine'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runs } from '../../../kernel/base/test/slow-tests.ts'
import { ask, collect, type OpenEngine, openEngine } from './open-engine.ts'
import { type TinyModelOptions, tokens } from './tiny-model.ts'

/** "hcahcahca…" after anything else. */
const loop = Object.fromEntries([
  ...Array.from({ length: 261 }, (_, token) => [token, 0x68]),
  [0x68, 0x63],
  [0x63, 0x61],
])
const settings: readonly (readonly [string, Omit<LlamaEngineOptions, 'modelPath'>, TinyModelOptions])[] = [
  ['random bytes', {}, {}],
  ['random bytes, guessed ahead', { speculation: 'on', draftTokens: 4 }, {}],
  ['a loop, guessed ahead', { speculation: 'on', draftTokens: 8 }, { chain: loop }],
  ['sentencepiece, in common cells', { batchInvariant: false }, { vocabulary: 'sentencepiece' }],
]

/** All output constraints, combined. */
const requests: fc.Arbitrary<Partial<GenerateRequest>> = fc.record(
  {
    maxTokens: fc.integer({ min: 1, max: 40 }),
    minTokens: fc.integer({ min: 0, max: 50 }),
    stop: fc.constantFrom([], ['e'], ['the', 'he'], ['\ufffd']),
    stopTokens: fc.constantFrom([], [0x65], [tokens.eos], [tokens.the, tokens.user]),
    ignoreEos: fc.boolean(),
    controlText: fc.boolean(),
    topLogprobs: fc.integer({ min: 0, max: 5 }),
    promptLogprobs: fc.integer({ min: 0, max: 5 }),
    logprobsAfterSampling: fc.boolean(),
    reusePrefix: fc.boolean(),
    priority: fc.integer({ min: -1, max: 1 }),
    thinking: fc.record({
      budget: fc.integer({ min: 0, max: 10 }),
      start: fc.constantFrom('', 'h', '<user>'),
      end: fc.constantFrom('!', '</t>', '<user>', 'é'),
    }),
    grammar: fc.record(
      {
        gbnf: fc.constantFrom(
          'root ::= [a-z ]+',
          'root ::= .*',
          'root ::= "h" [^!]* "!"',
          'root ::= "the" [0-9]{3}',
          'root ::= ("h" "e"? | <user>)+',
          'root ::= ("a" | "aa" | "ab" root)*',
          'root ::= ""',
        ),
        after: fc.constantFrom(['h'], ['the', 'e'], ['<user>'], ['!']),
      },
      { requiredKeys: ['gbnf'] },
    ),
    sampling: fc.record(
      {
        temperature: fc.constantFrom(0, 0.7, 5),
        topK: fc.constantFrom(0, 1, 40),
        dryMultiplier: fc.constantFrom(0, 2),
        mirostat: fc.constantFrom(0 as const, 1 as const, 2 as const),
        repeatPenalty: fc.constantFrom(1, 1.3),
        xtcProbability: fc.constantFrom(0, 0.5),
        typicalP: fc.constantFrom(1, 0.5),
        seed: fc.integer({ min: 0, max: 1000 }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['maxTokens'] },
)

describe.each(settings)('any request, with %s', (_, options, model) => {
  let open: OpenEngine
  beforeAll(async () => {
    open = openEngine({ maxBatchSize: 4, maxBatchTokens: 128, contextLength: 256, ...options }, model)
    await open.engine.ready()
  })
  afterAll(() => open[Symbol.asyncDispose]())

  it('ends as it must, whatever else runs', async () => {
    const check = async (more: Partial<GenerateRequest>, text: string): Promise<void> => {
      const answer = await collect(open.engine.generate(ask(text, more)))
      const { usage, finishReason, ids, stopToken, stopString } = answer
      expect(usage.completionTokens).toBeLessThanOrEqual(more.maxTokens!)
      if (finishReason === 'length') expect(usage.completionTokens).toBe(more.maxTokens!)
      expect(answer.tokens.map(({ token }) => token)).toEqual(more.topLogprobs === undefined ? [] : ids)
      expect(answer.prompt?.length).toBe(more.promptLogprobs === undefined ? undefined : usage.promptTokens)
      for (const { top, logprob } of answer.tokens) {
        expect(logprob).toBeLessThanOrEqual(1e-3)
        if (more.logprobsAfterSampling !== true) expect(top).toHaveLength(more.topLogprobs!)
      }
      const ends = new Set(more.stopTokens)
      if (stopToken !== undefined) {
        expect(usage.completionTokens).toBeGreaterThan(more.minTokens ?? 0)
        if (more.ignoreEos === true) expect(ends.has(stopToken)).toBe(true)
      }
      if (stopString !== undefined) expect(more.stop).toContain(stopString)
      if (more.thinking === undefined)
        for (const id of ids.slice(more.minTokens ?? 0)) expect(ends.has(id)).toBe(false)
      if (more.ignoreEos === true) expect(ids).not.toContain(tokens.eos)
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(requests, fc.constantFrom('', 'the', 'h', 'the the the the')), {
          minLength: 1,
          maxLength: 6,
        }),
        async (all) => {
          await Promise.all(all.map(([more, text]) => check(more, text)))
        },
      ),
      { numRuns: runs(20, 200) },
    )
    expect(open.engine.snapshot()).toMatchObject({ running: 0, waiting: 0, restarts: 0, state: 'ready' })
  })
})
