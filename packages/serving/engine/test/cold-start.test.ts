import { readFileSync } from 'node:fs'
import type { StepReport } from '@hadal/engine'
import { afterEach, describe, expect, it } from 'vitest'
import { ask, collect, type OpenEngine, openEngine } from './open-engine.ts'
import { writeTinyEncoder } from './tiny-encoder.ts'

let open: OpenEngine | undefined
afterEach(async () => {
  await open?.[Symbol.asyncDispose]()
  open = undefined
})

const long = { ignoreEos: true } as const
const lockedBytes = (pid: number): number =>
  Number(/^VmLck:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024

describe('a start', () => {
  it('reports its phases in order', async () => {
    open = openEngine()
    expect(open.engine.snapshot().start).toBeUndefined()
    await open.engine.ready()
    const { start } = open.engine.snapshot()
    expect(Object.keys(start!.phases)).toEqual([
      'node',
      'libraries',
      'backends',
      'model',
      'context',
      'warmUp',
    ])
    const all = Object.values(start!.phases).reduce((sum, millis) => sum + millis, 0)
    expect(Math.min(...Object.values(start!.phases))).toBeGreaterThan(0)
    expect(start!.millis).toBeGreaterThan(all / 2)
  })

  it('skips warm-up when preload is off', async () => {
    open = openEngine({ preload: false })
    await open.engine.ready()
    expect(open.engine.snapshot().start!.phases).not.toHaveProperty('warmUp')
    expect((await collect(open.engine.generate(ask('a', { maxTokens: 2, ...long })))).tokenCount).toBe(2)
  })

  it.each([
    ['cells of their own', {}],
    ['shared cells', { kvCacheBytes: 512 * 3 * 2 * 32 * 2 * 2, contextLength: 400, maxBatchSize: 4 }],
  ])('that warms up leaves no trace: %s', async (_, options) => {
    const texts: string[] = []
    for (const preload of [true, false]) {
      await using opened = openEngine({ ...options, preload })
      const { engine } = opened
      const steps: StepReport[] = []
      using _ = engine.onStep((report) => steps.push(report))
      await engine.ready()
      expect(steps).toEqual([])
      expect(engine.snapshot()).toMatchObject({ running: 0, waiting: 0, kvCacheUsage: 0, restarts: 0 })
      // The tokens of the warm-up.
      const tokens = Array.from({ length: 32 }, (_, at) => at)
      const answer = await collect(engine.generate(ask(tokens, { maxTokens: 20, topLogprobs: 2, ...long })))
      expect(answer.usage.cachedTokens).toBe(0)
      expect(steps[0]).toMatchObject({ step: 1 })
      texts.push(JSON.stringify([answer.text, answer.tokens]))
    }
    expect(texts[0]).toBe(texts[1])
  })

  it('warms up a model that only embeds', async () => {
    const vectors: Float32Array[] = []
    for (const preload of [true, false]) {
      await using opened = openEngine({ embeddings: true, preload }, (path) => writeTinyEncoder(path))
      await opened.engine.ready()
      expect('warmUp' in opened.engine.snapshot().start!.phases).toBe(preload)
      vectors.push(...(await opened.engine.embed({ id: 'a', inputs: ['abc'] })).vectors.flat())
    }
    expect(vectors[0]).toEqual(vectors[1])
  })

  it.runIf(process.platform === 'linux').each([{ mapMemory: true }, { mapMemory: false }, {}])(
    'can lock the weights in memory: %o',
    async (options) => {
      open = openEngine({ lockMemory: true, ...options })
      const started = await open.engine.ready().then(
        () => 'ready',
        (error: { code: string }) => error.code,
      )
      if (started === 'ready') expect(lockedBytes(open.pids[0]!)).toBeGreaterThan(50_000)
      else expect(started).toBe('memory_lock_refused')
    },
  )
})

describe('an engine that stands by', () => {
  it('takes over the queued requests, and fails the running ones', async () => {
    open = openEngine({ standby: true, maxBatchSize: 1 })
    const { engine, pids } = open
    await engine.ready()
    const standby = await standsBy(pids, 1)
    const running = collect(engine.generate(ask('runs', long)))
    const waiting = [1, 2].map(() => collect(engine.generate(ask('waits', { maxTokens: 3, ...long }))))
    const failed = expect(running).rejects.toMatchObject({ code: 'engine_crashed', status: 503 })
    await expect.poll(() => engine.snapshot().kvCacheUsage).toBeGreaterThan(0)
    process.kill(pids[0]!, 'SIGKILL')
    await failed
    for (const answer of await Promise.all(waiting)) expect(answer.usage.completionTokens).toBe(3)
    expect(engine.snapshot()).toMatchObject({ state: 'ready', restarts: 1 })
    const next = await standsBy(pids, 2)
    process.kill(standby, 'SIGKILL')
    await expect.poll(() => engine.snapshot().restarts).toBe(2)
    expect((await collect(engine.generate(ask('a', { maxTokens: 2, ...long })))).tokenCount).toBe(2)
    expect(next).not.toBe(standby)
  })

  it('may die without affecting the active one', async () => {
    open = openEngine({ standby: true })
    const { engine, pids } = open
    await engine.ready()
    const standby = await standsBy(pids, 1)
    process.kill(standby, 'SIGKILL')
    await standsBy(pids, 2)
    expect(engine.snapshot()).toMatchObject({ state: 'ready', restarts: 0 })
  })
})

/**
 * The pid of the latest standby process, when `count` have been reported: each process is reported at its start and again when
 * it is ready.
 */
async function standsBy(pids: readonly number[], count: number): Promise<number> {
  const ready = (): number[] => pids.filter((pid, at) => pids.indexOf(pid) < at)
  await expect.poll(() => ready().length).toBe(count)
  return ready().at(-1)!
}
