/**
 * Two processes of the bundled model as one engine, under concurrent requests of every kind, while one of them crashes, is
 * removed or added: each request ends exactly once with a permitted outcome, and nothing leaks.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createLogger } from '@hadal/base'
import { createLlamaEngine, createReplicatedEngine, type ReplicatedEngine } from '@hadal/engine'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endsOf, type Life, live, lives, millis } from './lives.ts'
import { ask, collect } from './open-engine.ts'
import { writeAdapter } from './tiny-adapter.ts'

const modelPath = fileURLToPath(new URL('../../../../models/nano/nano-q8_0.gguf', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'hadal-replicas-'))
const adapterPath = join(folder, 'adapter.gguf')
beforeAll(() => writeAdapter(adapterPath, modelPath, { strength: 0.1 }))
afterAll(() => rmSync(folder, { recursive: true }))

const patient = { interval: 2 } as const
/** Permitted errors; the last one for a crashed process. */
const mayBeReported = new Set([
  ...['adapter_exists', 'adapter_unknown', 'context_length_exceeded', 'deadline_unmet', 'empty_prompt'],
  ...['invalid_grammar', 'queue_full'],
  ...['stop', 'length', 'cancelled', 'left', 'vectors', 'unloaded', 'true'],
  'engine_crashed',
])

/** `pids` of the live processes, by place. */
function openReplicas(): { readonly engine: ReplicatedEngine; readonly pids: readonly number[] } {
  const pids: number[] = []
  const shape = { maxBatchSize: 2, maxBatchTokens: 64, maxPrefillTokensWhileDecoding: 32, contextLength: 300 }
  const start = (place: number) => {
    const logger = createLogger((_level, _message, fields) => {
      if (typeof fields.pid === 'number') pids[place] = fields.pid
    }, 'debug')
    return createLlamaEngine({ modelPath, threads: 1, logger, maxQueue: 24, embeddings: true, ...shape })
  }
  return { engine: createReplicatedEngine({ start, replicas: 2 }), pids }
}

async function run(engine: ReplicatedEngine, all: readonly Life[]): Promise<void> {
  let count = 0
  const reported = (how: string): void => {
    count += 1
    expect(mayBeReported).toContain(how)
  }
  await Promise.all(all.map((life) => live(engine, adapterPath, life, reported)))
  expect(count).toBe(all.reduce((sum, life) => sum + endsOf(life), 0))
}

/** Nothing is running or queued, and no adapter is left. */
async function isIdle(engine: ReplicatedEngine, replicas: number): Promise<void> {
  await expect.poll(() => engine.replicas.ready, patient).toBe(replicas)
  const idle = { state: 'ready', running: 0, waiting: 0, kvCacheUsage: 0, maxBatchSize: 2 * replicas }
  await expect.poll(() => engine.snapshot(), patient).toMatchObject(idle)
  expect(engine.snapshot().slots.filter(({ id }) => id !== undefined)).toEqual([])
  const texts = await Promise.all(
    Array.from({ length: 2 * replicas }, () =>
      collect(engine.generate(ask('One', { maxTokens: 8, ignoreEos: true }))),
    ),
  )
  expect(texts.map(({ tokenCount }) => tokenCount)).toEqual(texts.map(() => 8))
}

describe('two processes of the bundled model', () => {
  it('end every request once, whichever of them dies amid it', async () => {
    const { engine, pids } = openReplicas()
    await using _ = engine
    await isIdle(engine, 2)
    let deaths = 0
    await fc.assert(
      fc.asyncProperty(lives, millis(60), fc.nat(1), async (all, diesAfter, place) => {
        const death = sleep(diesAfter).then(async () => {
          process.kill(pids[place]!, 'SIGKILL')
          deaths += 1
          await expect.poll(() => engine.snapshot().restarts, patient).toBe(deaths)
        })
        await Promise.all([run(engine, all), death])
        await isIdle(engine, 2)
      }),
      { numRuns: 2, endOnFailure: true },
    )
  })

  it('cut nothing when one of them goes, and take up work when one comes', async () => {
    const { engine } = openReplicas()
    await using _ = engine
    await isIdle(engine, 2)
    await fc.assert(
      fc.asyncProperty(lives, millis(60), millis(60), async (all, goesAfter, comesAfter) => {
        const change = async (): Promise<void> => {
          await sleep(goesAfter)
          engine.replicas.scale(1)
          await sleep(comesAfter)
          engine.replicas.scale(2)
        }
        const reported: string[] = []
        await Promise.all([
          change(),
          ...all.map((life) => live(engine, adapterPath, life, (how) => reported.push(how))),
        ])
        expect(reported).not.toContain('engine_crashed')
        expect(reported).not.toContain('engine_closed')
        expect(reported).toHaveLength(all.reduce((sum, life) => sum + endsOf(life), 0))
        await isIdle(engine, 2)
      }),
      { numRuns: 2, endOnFailure: true },
    )
    expect(engine.snapshot().restarts).toBe(0)
    expect(engine.adapters).toEqual([])
  })

  it('compute a beginning where it was computed before', async () => {
    const { engine } = openReplicas()
    await using _ = engine
    await isIdle(engine, 2)
    const reported: (number | undefined)[] = []
    using _steps = engine.onStep(({ replica }) => reported.push(replica))
    const texts = ['There was a small horse. ', 'The sea was cold and grey. '].map((text) => text.repeat(12))
    const notify = (prompt: string) => collect(engine.generate(ask(prompt, { maxTokens: 2, ignoreEos: true })))
    await Promise.all(texts.map(notify))
    expect(new Set(reported)).toEqual(new Set([0, 1]))
    for (const text of texts) {
      const { promptTokens, cachedTokens } = (await notify(`${text}Then`)).usage
      expect(cachedTokens).toBeGreaterThan(promptTokens / 2)
    }
  })

  it('say the same as one alone', async () => {
    const { engine } = openReplicas()
    await using _ = engine
    await isIdle(engine, 2)
    const texts = ['Once upon a time', 'The horse', 'A small', 'One'].map((prompt) =>
      ask(prompt, { maxTokens: 20, ignoreEos: true, reusePrefix: false }),
    )
    const alone: string[] = []
    for (const request of texts) alone.push((await collect(engine.generate(request))).text)
    const beside = await Promise.all(texts.map((request) => collect(engine.generate(request))))
    expect(beside.map(({ text }) => text)).toEqual(alone)
  })
})
