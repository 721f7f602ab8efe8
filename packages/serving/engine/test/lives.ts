/**
 * Requests of every kind, as clients send them: when they arrive, what they want, and whether they are cancelled. Each runs to
 * its end, which is reported.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { HadalError } from '@hadal/base'
import type { Engine, GenerateRequest } from '@hadal/engine'
import fc from 'fast-check'
import { expect } from 'vitest'
import { ask } from './open-engine.ts'

type Leaving =
  | { readonly how: 'stays' }
  /** By its signal, or by leaving the loop. */
  | { readonly how: 'aborts'; readonly afterMillis: number }
  | { readonly how: 'aborts' | 'breaks'; readonly afterEvents: number }

export interface Life {
  readonly comesAfter: number
  readonly leaving: Leaving
  readonly wants:
    | {
        readonly kind: 'text'
        readonly copies: number
        readonly readsSlowly: boolean
        readonly request: Partial<GenerateRequest>
      }
    | { readonly kind: 'vectors'; readonly texts: readonly string[] }
    | { readonly kind: 'tokens' }
    /** Loads the adapter for a while. */
    | { readonly kind: 'adapter'; readonly forMillis: number }
}

export const millis = (max: number) => fc.integer({ min: 0, max })
const leaving: fc.Arbitrary<Leaving> = fc.oneof(
  fc.constant({ how: 'stays' as const }),
  fc.record({ how: fc.constant('aborts' as const), afterMillis: millis(60) }),
  fc.record({ how: fc.constantFrom('aborts' as const, 'breaks' as const), afterEvents: millis(8) }),
)
const story = 'Once upon a time there was a small horse. '
const text = fc.record({
  kind: fc.constant('text' as const),
  copies: fc.constantFrom(1, 1, 1, 3, 6),
  readsSlowly: fc.boolean(),
  request: fc.record(
    {
      prompt: fc.constantFrom('One', story, story.repeat(8), story.repeat(18), 'x'.repeat(40), ''),
      // The last exceeds the context.
      maxTokens: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant(1000)),
      ignoreEos: fc.boolean(),
      stop: fc.constantFrom([], ['the'], ['\ufffd']),
      topLogprobs: fc.integer({ min: 0, max: 3 }),
      promptLogprobs: fc.constant(0),
      reusePrefix: fc.boolean(),
      owner: fc.constantFrom('a', 'b'),
      priority: fc.nat(2),
      client: fc.constantFrom('a', 'b'),
      deadlineMillis: fc.constantFrom(1, 20, 60_000),
      adapters: fc.constantFrom([], [], [], [{ id: 'fleeting', scale: 0.5 }], [{ id: 'fleeting', scale: 1 }]),
      grammar: fc.constantFrom(
        { gbnf: 'root ::= [a-z ]{3,9} "."' },
        { gbnf: 'root ::= "\\t\\t\\t"' },
        { gbnf: 'root ::= "a"', after: ['e'] },
        { gbnf: 'root ::= root' },
        // Too ambiguous after some text.
        { gbnf: 'root ::= [^!]{0,3000} [^!]{0,3000}' },
      ),
      thinking: fc.record({
        budget: fc.integer({ min: 0, max: 5 }),
        start: fc.constantFrom('', 'a'),
        end: fc.constant(' so'),
      }),
      sampling: fc.record(
        {
          temperature: fc.constantFrom(0, 1, 5),
          dryMultiplier: fc.constantFrom(0, 2),
          drySequenceBreakers: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }),
          repeatPenalty: fc.constantFrom(1, 1.3),
          mirostat: fc.constantFrom(0 as const, 2 as const),
          seed: fc.integer({ min: 0, max: 99 }),
          logitBias: fc.constant(new Map([[300, 20]])),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: ['prompt', 'maxTokens'] },
  ),
})
export const lives: fc.Arbitrary<readonly Life[]> = fc.array(
  fc.record({
    comesAfter: millis(40),
    leaving,
    wants: fc.oneof(
      { weight: 8, arbitrary: text },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('vectors' as const),
          texts: fc.array(fc.constantFrom('One', story.repeat(20)), { minLength: 1, maxLength: 12 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('tokens' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('adapter' as const), forMillis: millis(60) }) },
    ),
  }),
  { minLength: 1, maxLength: 14 },
)

/** Throws if an invariant is violated. `ends` is called for each end. */
export async function live(
  engine: Engine,
  adapterPath: string,
  { comesAfter, leaving, wants }: Life,
  ends: (how: string) => void,
): Promise<void> {
  await sleep(comesAfter)
  const controller = new AbortController()
  const left = new Error('left')
  if ('afterMillis' in leaving) void sleep(leaving.afterMillis).then(() => controller.abort(left))
  const one = async (run: () => Promise<string>): Promise<void> => {
    try {
      ends(await run())
    } catch (thrown) {
      if (thrown === left) ends('left')
      else if (thrown instanceof HadalError) ends(thrown.code)
      else throw thrown
    }
  }
  if (wants.kind === 'tokens') return one(async () => String((await engine.tokenize(story)).length > 0))
  if (wants.kind === 'vectors')
    return one(async () => {
      const { vectors } = await engine.embed({ id: 'vectors', inputs: wants.texts }, controller.signal)
      expect(vectors).toHaveLength(wants.texts.length)
      return 'vectors'
    })
  if (wants.kind === 'adapter')
    return one(async () => {
      await engine.loadAdapter({ id: 'fleeting', path: adapterPath, scale: 0 })
      await sleep(wants.forMillis)
      await engine.unloadAdapter('fleeting')
      return 'unloaded'
    })
  const read = async (leaves: boolean): Promise<string> => {
    let [events, end] = [0, '']
    const signal = leaves ? controller.signal : undefined
    for await (const event of engine.generate(ask('', wants.request), signal)) {
      if (wants.readsSlowly) await sleep(3)
      expect(end).toBe('')
      if (event.type === 'done') end = event.finishReason
      events += 1
      if (!leaves || !('afterEvents' in leaving) || events <= leaving.afterEvents) continue
      if (leaving.how === 'breaks') return 'left'
      controller.abort(left)
    }
    expect(end).not.toBe('')
    if (end === 'cancelled') expect(signal?.aborted).toBe(true)
    return end
  }
  // Among copies with the same prompt, only the first one may leave early.
  await Promise.all(Array.from({ length: wants.copies }, (_, copy) => one(() => read(copy === 0))))
}

/** Its number of ends. */
export const endsOf = ({ wants }: Life): number => (wants.kind === 'text' ? wants.copies : 1)
