/**
 * The bundled model under concurrent requests of every kind, with cancellations, adapter changes and a crashing process: each
 * request ends exactly once with a permitted outcome, and nothing leaks.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createLogger } from '@hadal/base'
import { createLlamaEngine, type Engine, type LlamaEngineOptions } from '@hadal/engine'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runs } from '../../../kernel/base/test/slow-tests.ts'
import { endsOf, type Life, live, lives, millis } from './lives.ts'
import { ask, collect } from './open-engine.ts'
import { writeAdapter } from './tiny-adapter.ts'

const modelPath = fileURLToPath(new URL('../../../../models/nano/nano-q8_0.gguf', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'hadal-stress-'))
const adapterPath = join(folder, 'adapter.gguf')
beforeAll(() => writeAdapter(adapterPath, modelPath, { strength: 0.1 }))
afterAll(() => rmSync(folder, { recursive: true }))

/** Per sequence, so that a few of them run out of cells. */
const contextLength = 300
const settings: readonly (readonly [string, Omit<LlamaEngineOptions, 'modelPath'>])[] = [
  ['cells of their own', {}],
  ['common cells, guessed ahead', { kvCacheBytes: 4_000_000, speculation: 'on', draftTokens: 4 }],
  ['few common cells and little host memory', { kvCacheBytes: 4_000_000, hostCacheBytes: 1_000_000 }],
]

/** Permitted errors. */
const refusals = new Set([
  'adapter_exists',
  'adapter_unknown',
  'context_length_exceeded',
  'deadline_unmet',
  'empty_prompt',
  'invalid_grammar',
  'queue_full',
])

/** Private memory of a process in megabytes; Linux only. */
function memoryOf(pid: number): number {
  if (process.platform !== 'linux') return 0
  return Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
}

describe('samplers', () => {
  it.runIf(process.platform === 'linux')('are freed with their sequences', async () => {
    let pid = 0
    const logger = createLogger((_level, _message, fields) => {
      if (typeof fields.pid === 'number') pid = fields.pid
    }, 'debug')
    await using engine = createLlamaEngine({ modelPath, threads: 1, logger, maxBatchSize: 4, contextLength })
    await engine.ready()
    // Large, so that a leak is noticeable.
    const logitBias = new Map(Array.from({ length: engine.model.vocabularySize }, (_, token) => [token, 1]))
    const many = async (count: number): Promise<number> => {
      for (let each = 0; each < count; each += 4) {
        const request = () => ask('One', { maxTokens: 1, sampling: { logitBias } })
        await Promise.all(Array.from({ length: 4 }, () => collect(engine.generate(request()))))
      }
      return memoryOf(pid)
    }
    const before = await many(200)
    // If kept, each would take 90 KB.
    expect(await many(800)).toBeLessThan(before + 40)
  })
})

describe.each(settings)('the bundled model, with %s', (_, options) => {
  let engine: Engine
  const pids: number[] = []
  const ends = new Map<string, number>()

  beforeAll(async () => {
    const logger = createLogger((_level, _message, fields) => {
      if (typeof fields.pid === 'number') pids.push(fields.pid)
    }, 'debug')
    const shape = { maxBatchSize: 4, maxBatchTokens: 64, maxPrefillTokensWhileDecoding: 32, contextLength }
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
  })
  afterAll(() => engine[Symbol.asyncDispose]())

  const run = async (all: readonly Life[], tolerated: readonly string[] = []): Promise<void> => {
    let count = 0
    const reported = (how: string): void => {
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
    await Promise.all(all.map((life) => live(engine, adapterPath, life, reported)))
    // All earlier reports of the process have been read.
    await engine.tokenize('.').catch(() => {})
    let lateSteps = 0
    using _ = engine.onStep(() => {
      lateSteps += 1
    })
    expect(count).toBe(all.reduce((sum, life) => sum + endsOf(life), 0))
    const slots = Array.from({ length: 4 }, (_, slot) => ({
      slot,
      promptTokens: 0,
      computedTokens: 0,
      generatedTokens: 0,
    }))
    const idle = { state: 'ready', running: 0, waiting: 0, kvCacheUsage: 0, slots }
    await expect.poll(() => engine.snapshot(), { interval: 2 }).toMatchObject(idle)
    expect(engine.adapters).toEqual([])
    // Cancelled sequences do not continue; one that did could take twice as many steps.
    expect(lateSteps).toBeLessThan(contextLength / 2)
  }

  /** Takes everything a single request can take; it would wait for ever if another still held anything. */
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
    // First allocate what any process allocates once: every cell used, every path compiled.
    await fill()
    const memory: number[] = [memoryOf(pids[0]!)]
    await fc.assert(
      fc.asyncProperty(lives, async (all) => {
        await run(all)
        memory.push(memoryOf(pids[0]!))
      }),
      { numRuns: runs(6, 60), endOnFailure: true },
    )
    await fill()
    expect(engine.snapshot().restarts).toBe(0)
    // V8's heap varies by more within a few rounds than 300 rounds left behind.
    const mebibytes = runs(128, 64)
    expect(Math.min(...memory.slice(-3))).toBeLessThan(Math.max(...memory.slice(0, 3)) + mebibytes)
  })

  it('does so, too, when its process dies amid it', async () => {
    let deaths = 0
    await fc.assert(
      fc.asyncProperty(lives, millis(60), async (all, diesAfter) => {
        const death = sleep(diesAfter).then(async () => {
          process.kill(pids.at(-1)!, 'SIGKILL')
          deaths += 1
          await expect.poll(() => engine.snapshot().restarts, { interval: 2 }).toBe(deaths)
        })
        await Promise.all([run(all, ['engine_crashed']), death])
        await expect.poll(() => engine.snapshot().state, { interval: 2 }).toBe('ready')
      }),
      { numRuns: runs(2, 12), endOnFailure: true },
    )
    await fill()
  })
})
