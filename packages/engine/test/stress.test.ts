/**
 * The bundled model under requests of every kind at once, which come and leave when they like, beside adapters that come and
 * go and a process that dies: each request ends once, as it may, and of none anything stays.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createLogger, HadalError } from '@hadal/base'
import { createLlamaEngine, type Engine, type GenerateRequest, type LlamaEngineOptions } from '@hadal/engine'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ask } from './open-engine.ts'
import { writeAdapter } from './tiny-adapter.ts'

const modelPath = fileURLToPath(new URL('../../../models/nano/nano-q8_0.gguf', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'hadal-stress-'))
const adapterPath = join(folder, 'adapter.gguf')
beforeAll(() => writeAdapter(adapterPath, modelPath, { strength: 0.1 }))
afterAll(() => rmSync(folder, { recursive: true }))

/** Of one sequence, so that a few share too few cells. */
const contextLength = 300
const settings: readonly (readonly [string, Omit<LlamaEngineOptions, 'modelPath'>])[] = [
  ['cells of their own', {}],
  ['common cells, guessed ahead', { kvCacheBytes: 4_000_000, speculation: 'on', draftTokens: 4 }],
]

type Leaving =
  | { readonly how: 'stays' }
  /** By its signal; or by no longer reading. */
  | { readonly how: 'aborts'; readonly afterMillis: number }
  | { readonly how: 'aborts' | 'breaks'; readonly afterEvents: number }

interface Life {
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
    /** To load the adapter for a while. */
    | { readonly kind: 'adapter'; readonly forMillis: number }
}

const millis = (max: number) => fc.integer({ min: 0, max })
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
      maxTokens: fc.integer({ min: 1, max: 40 }),
      ignoreEos: fc.boolean(),
      stop: fc.constantFrom([], ['the'], ['\ufffd']),
      topLogprobs: fc.integer({ min: 0, max: 3 }),
      promptLogprobs: fc.constant(0),
      reusePrefix: fc.boolean(),
      owner: fc.constantFrom('a', 'b'),
      adapters: fc.constantFrom([], [], [], [{ id: 'fleeting', scale: 0.5 }], [{ id: 'fleeting', scale: 1 }]),
      grammar: fc.constantFrom(
        { gbnf: 'root ::= [a-z ]{3,9} "."' },
        { gbnf: 'root ::= "\\t\\t\\t"' },
        { gbnf: 'root ::= "a"', after: ['e'] },
        { gbnf: 'root ::= root' },
        // In too many ways, once there is a text.
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
const lives: fc.Arbitrary<readonly Life[]> = fc.array(
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

/** What a request may be told. */
const refusals = new Set([
  'adapter_exists',
  'adapter_unknown',
  'context_length_exceeded',
  'empty_prompt',
  'invalid_grammar',
  'queue_full',
])

/** Lives it; throws what must not be. `ends` is told of each end. */
async function live(engine: Engine, { comesAfter, leaving, wants }: Life, ends: (how: string) => void) {
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
  // Of several that share a prompt, those stay that came later.
  await Promise.all(Array.from({ length: wants.copies }, (_, copy) => one(() => read(copy === 0))))
}

const endsOf = ({ wants }: Life): number => (wants.kind === 'text' ? wants.copies : 1)

/** Megabytes of a process that are its own; told on Linux only. */
function memoryOf(pid: number): number {
  if (process.platform !== 'linux') return 0
  return Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
}

describe.each(settings)('the bundled model, with %s', (_, options) => {
  let engine: Engine
  let pids: number[] = []
  let ends = new Map<string, number>()

  const open = async (): Promise<void> => {
    pids = []
    ends = new Map()
    const logger = createLogger((_level, _message, fields) => {
      if (typeof fields.pid === 'number') pids.push(fields.pid)
    }, 'debug')
    const shape = { maxBatchSize: 4, maxBatchTokens: 64, maxPrefillTokensBesideDecodes: 32, contextLength }
    engine = createLlamaEngine({
      modelPath,
      threads: 1,
      logger,
      maxQueue: 24,
      embeddings: true,
      ...shape,
      ...options,
    })
    await engine.ready()
  }
  afterEach(() => engine[Symbol.asyncDispose]())

  const run = async (all: readonly Life[], tolerated: readonly string[] = []): Promise<void> => {
    let count = 0
    const told = (how: string): void => {
      count += 1
      ends.set(how, (ends.get(how) ?? 0) + 1)
      expect([
        ...refusals,
        ...tolerated,
        'stop',
        'length',
        'cancelled',
        'left',
        'vectors',
        'unloaded',
        'true',
      ]).toContain(how)
    }
    await Promise.all(all.map((life) => live(engine, life, told)))
    expect(count).toBe(all.reduce((sum, life) => sum + endsOf(life), 0))
    const slots = Array.from({ length: 4 }, (_, slot) => ({
      slot,
      promptTokens: 0,
      computedTokens: 0,
      generatedTokens: 0,
    }))
    const idle = { state: 'ready', running: 0, waiting: 0, kvCacheUsage: 0, slots }
    await expect.poll(() => engine.snapshot(), { interval: 2, timeout: 20_000 }).toMatchObject(idle)
    expect(engine.adapters).toEqual([])
  }

  /** Takes all that one request can take, which it would wait for for ever if any of it were still another's. */
  const fill = async (): Promise<void> => {
    const prompt = Array<number>(contextLength - 20).fill(300)
    const request = { maxTokens: 1000, ignoreEos: true, reusePrefix: false }
    const life = (): Life => ({
      comesAfter: 0,
      leaving: { how: 'stays' },
      wants: { kind: 'text', copies: 1, readsSlowly: false, request: { ...request, prompt } },
    })
    const before = ends.get('length') ?? 0
    await run(Array.from({ length: 4 }, life))
    expect(ends.get('length')! - before).toBe(4)
  }

  it('ends every request once, and keeps nothing of it', async () => {
    await open()
    const memory: number[] = []
    await fc.assert(
      fc.asyncProperty(lives, async (all) => {
        await run(all)
        memory.push(memoryOf(pids[0]!))
      }),
      { numRuns: 12, endOnFailure: true },
    )
    await fill()
    expect(engine.snapshot().restarts).toBe(0)
    // V8's heap comes and goes; 300 rounds took no more.
    expect(Math.min(...memory.slice(-3))).toBeLessThan(Math.max(...memory.slice(0, 3)) + 64)
  })

  it('does so, too, when its process dies amid it', async () => {
    await open()
    let deaths = 0
    await fc.assert(
      fc.asyncProperty(lives, millis(60), async (all, diesAfter) => {
        const death = sleep(diesAfter).then(async () => {
          process.kill(pids.at(-1)!, 'SIGKILL')
          deaths += 1
          await expect.poll(() => engine.snapshot().restarts, { interval: 2, timeout: 20_000 }).toBe(deaths)
        })
        await Promise.all([run(all, ['engine_crashed']), death])
        await expect.poll(() => engine.snapshot().state, { interval: 2, timeout: 20_000 }).toBe('ready')
      }),
      { numRuns: 3, endOnFailure: true },
    )
    await fill()
  })
})
