/** Several engines as one: routing, crashes, and scaling under load. */

import { ManualClock } from '@hadal/base'
import {
  createFakeEngine,
  createReplicatedEngine,
  type Engine,
  type FakeEngine,
  type FakeEngineOptions,
  modelUnusable,
  queueFull,
  type ReplicatedEngineOptions,
} from '@hadal/engine'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ask, collect } from './open-engine.ts'

const prefix = 'You are a patient assistant who answers in one short sentence. '.repeat(4)

interface Made {
  readonly engine: FakeEngine
  readonly place: number
  isClosed: boolean
}

/** Fake engines that emit one character per millisecond. */
function fakes(
  options: Partial<ReplicatedEngineOptions> = {},
  fake: FakeEngineOptions & { readonly ready?: (nth: number) => Promise<void> } = {},
) {
  const made: Made[] = []
  const start = (place: number): Engine => {
    const engine = createFakeEngine({ tokenMillis: 1, maxBatchSize: 2, maxQueue: 8, ...fake })
    const each: Made = { engine, place, isClosed: false }
    const nth = made.push(each) - 1
    const close = engine[Symbol.asyncDispose].bind(engine)
    return Object.assign(engine, {
      ready: () => fake.ready?.(nth) ?? Promise.resolve(),
      async [Symbol.asyncDispose]() {
        each.isClosed = true
        await close()
      },
    })
  }
  const engine = createReplicatedEngine({ start, replicas: 2, ...options })
  onTestFinished(() => engine[Symbol.asyncDispose]())
  const until = (ready: number) => expect.poll(() => engine.replicas.ready, { interval: 1 }).toBe(ready)
  /** A request for this many characters. */
  const say = (length: number, prompt = 'x') => collect(engine.generate(ask(prompt, { maxTokens: length })))
  return { engine, made, until, say }
}

const long = { reply: 'y'.repeat(10_000) } as const
const prompts = ({ engine }: Made): string[] => engine.seen.map(({ prompt }) => prompt)

describe('who gets a request', () => {
  it('the replica that holds the prefix gets it, otherwise the least loaded one', async () => {
    const { made, until, say } = fakes()
    await until(2)
    await Promise.all([say(5, 'something else'), say(5, `${prefix}a`)])
    expect(made.map(prompts)).toEqual([['something else'], [`${prefix}a`]])
    for (const end of ['b', 'c', 'd']) await say(1, `${prefix}${end}`)
    expect(prompts(made[1]!)).toHaveLength(4)
    // Together they exceed its share.
    await Promise.all(['e', 'f', 'g', 'h'].map((end) => say(20, `${prefix}${end}`)))
    expect(made.map((each) => prompts(each).length)).toEqual([3, 6])
  })

  it('a full queue sends it to another replica; it is rejected only when all are full', async () => {
    const { engine, until, say } = fakes({}, { ...long, maxBatchSize: 1, maxQueue: 1 })
    await until(2)
    const four = [say(30), say(30), say(30), say(30)]
    await expect(say(1)).rejects.toMatchObject({ code: 'queue_full' })
    expect(engine.snapshot()).toMatchObject({ running: 2, waiting: 2, maxBatchSize: 2, maxQueue: 2 })
    for (const { text } of await Promise.all(four)) expect(text).toHaveLength(30)
  })

  it('asks of a refusal what all would say', async () => {
    const { engine, made, until } = fakes()
    await until(2)
    const refused = queueFull(8)
    const refusals: (typeof refused | undefined)[] = [refused, undefined]
    for (const [at, { engine }] of made.entries()) Object.assign(engine, { refusal: () => refusals[at] })
    expect(engine.refusal!({})).toBeUndefined()
    refusals[1] = queueFull(8)
    expect(engine.refusal!({})).toBe(refused)
  })

  it('gives embeddings, scores and tokens from whichever is free', async () => {
    const { engine, until } = fakes()
    await until(2)
    expect((await engine.embed({ id: 'a', inputs: ['abc'] })).tokens).toEqual([3])
    expect((await engine.rerank({ id: 'a', query: 'a', documents: ['a', 'b'] })).scores).toEqual([1, -1])
    expect(await engine.detokenize(await engine.tokenize('hello'))).toBe('hello')
    expect(await engine.promptLength('hello')).toBe(5)
    expect(await engine.pieces([97])).toEqual([[97]])
    await expect(engine.infer!({ id: 'a', inputs: [] })).rejects.toMatchObject({ code: 'inference_off' })
  })

  it('the duration of each completed request is reported', async () => {
    const onEnd = vi.fn<(millis: number) => void>()
    const { engine, until, say } = fakes({ onEnd })
    await until(2)
    await say(3)
    await engine.embed({ id: 'a', inputs: ['abc'] })
    const left = new AbortController()
    left.abort()
    await collect(engine.generate(ask('x'), left.signal))
    expect(onEnd).toHaveBeenCalledTimes(2)
  })
})

describe('one that dies', () => {
  it('loses what it computed; who waited in its line goes to the other, and it comes back', async () => {
    // It is never advanced, so there is no automatic restart.
    const clock = new ManualClock()
    const endless = { reply: 'y'.repeat(1_000_000), contextLength: 10_000_000, tokenMillis: 0 }
    const { engine, made, until, say } = fakes({}, { ...endless, maxBatchSize: 1, restartMillis: 200, clock })
    await until(2)
    const lost = say(1_000_000, 'lost')
    const kept = say(30_000, 'kept')
    const waits = say(5, 'waits')
    await expect.poll(() => engine.snapshot(), { interval: 1 }).toMatchObject({ running: 2, waiting: 1 })
    expect(made.map(prompts)).toEqual([['lost'], ['kept']])
    made[0]!.engine.crash()
    await expect(lost).rejects.toMatchObject({ code: 'engine_crashed' })
    expect((await kept).text).toHaveLength(30_000)
    expect((await waits).text).toHaveLength(5)
    expect(prompts(made[1]!)).toEqual(['kept', 'waits'])
    expect(engine.snapshot().restarts).toBe(1)
    clock.advance(200)
    await until(2)
  })

  it('gets nothing while it is away', async () => {
    const { engine, made, until, say } = fakes(
      {},
      { restartMillis: 200, clock: new ManualClock(), tokenMillis: 0 },
    )
    await until(2)
    made[0]!.engine.crash()
    expect(engine.snapshot().state).toBe('ready')
    await Promise.all([say(1, 'a'), say(1, 'b')])
    expect(prompts(made[1]!)).toEqual(['a', 'b'])
  })

  it('is waited for when it is the only one', async () => {
    const { engine, made, until, say } = fakes({ replicas: 1 }, { restartMillis: 20 })
    await until(1)
    made[0]!.engine.crash()
    expect(engine.snapshot().state).toBe('restarting')
    expect((await say(1, 'a')).text).toBe('a')
  })
})

describe('how many there are', () => {
  it('begins with one alone; the others follow when it serves', async () => {
    let isReady = (): void => {}
    const first = new Promise<void>((resolve) => {
      isReady = resolve
    })
    const { engine, made, until } = fakes(
      { choices: (own) => [...own, 'replicas: 3'] },
      { ready: (nth) => (nth === 0 ? first : Promise.resolve()) },
    )
    await new Promise((resolve) => setImmediate(resolve))
    engine.replicas.scale(3)
    expect(made).toHaveLength(1)
    expect(engine.replicas).toMatchObject({ wanted: 3, ready: 0 })
    isReady()
    await engine.ready()
    await until(3)
    expect(made.map(({ place }) => place)).toEqual([0, 1, 2])
    expect(engine.choices).toContain('replicas: 3')
  })

  it('queued requests move to a new replica', async () => {
    const { engine, made, until, say } = fakes({ replicas: 1 }, { ...long, maxBatchSize: 1 })
    await until(1)
    const before = [say(400, 'a'), say(20, 'b'), say(20, 'c')]
    await expect.poll(() => engine.snapshot().waiting, { interval: 1 }).toBe(2)
    engine.replicas.scale(2)
    const [, b, c] = await Promise.all(before.map((each) => each.then(({ text }) => text.length)))
    expect([b, c]).toEqual([20, 20])
    expect(made.map(prompts)).toEqual([['a'], ['b', 'c']])
  })

  it('cuts nothing when one goes, and takes it back at once when it is wanted again', async () => {
    const { engine, made, until, say } = fakes({}, long)
    await until(2)
    const running = [say(400, 'a'), say(400, 'b')]
    await expect.poll(() => made[1]!.engine.seen.length, { interval: 1 }).toBe(1)
    engine.replicas.scale(1)
    expect(engine.replicas.all.map(({ standing }) => standing)).toEqual(['serving', 'leaving'])
    await say(1, 'c')
    expect(prompts(made[1]!)).toEqual(['b'])
    engine.replicas.scale(2)
    await until(2)
    expect(made).toHaveLength(2)
    engine.replicas.scale(1)
    for (const { text } of await Promise.all(running)) expect(text).toHaveLength(400)
    await expect.poll(() => made[1]!.isClosed, { interval: 1 }).toBe(true)
    expect(engine.replicas.all).toHaveLength(1)
    engine.replicas.scale(2)
    await until(2)
    expect(made[2]!.place).toBe(1)
  })

  it('never is none', async () => {
    const { engine, until } = fakes()
    await until(2)
    engine.replicas.scale(0)
    await until(1)
    expect(engine.replicas.wanted).toBe(1)
  })

  it('goes on with those there are where another cannot start, and tries it again', async () => {
    const clock = new ManualClock()
    let fails = 2
    const { engine, made } = fakes(
      { clock },
      {
        ready: async (nth) => {
          if (nth === 0) return
          fails -= 1
          if (fails >= 0) throw modelUnusable('m.gguf', 'no memory')
        },
      },
    )
    await engine.ready()
    await expect.poll(() => made.filter(({ isClosed }) => isClosed).length, { interval: 1 }).toBe(1)
    expect(engine.replicas.ready).toBe(1)
    clock.advance(1_000)
    await expect.poll(() => made.filter(({ isClosed }) => isClosed).length, { interval: 1 }).toBe(2)
    clock.advance(1_000)
    // Twice the delay: any due start has happened by now.
    await new Promise((resolve) => setImmediate(resolve))
    expect(made).toHaveLength(3)
    clock.advance(1_000)
    await expect.poll(() => engine.replicas.ready, { interval: 1 }).toBe(2)
  })

  it('is none for good where the first cannot start', async () => {
    const { engine } = fakes({}, { ready: () => Promise.reject(modelUnusable('m.gguf', 'cut off')) })
    await expect(engine.ready()).rejects.toMatchObject({ code: 'model_unusable' })
    expect(engine.snapshot().state).toBe('closed')
    await expect(collect(engine.generate(ask('a')))).rejects.toMatchObject({ code: 'model_unusable' })
    await expect(engine.embed({ id: 'a', inputs: ['a'] })).rejects.toMatchObject({ code: 'model_unusable' })
  })

  it('drains all of them', async () => {
    const { engine, until, say } = fakes({}, long)
    await until(2)
    const running = [say(300, 'a'), say(300, 'b')]
    await expect.poll(() => engine.snapshot().running, { interval: 1 }).toBe(2)
    const drained = engine.drain(10_000)
    await expect(say(1)).rejects.toMatchObject({ code: 'engine_closed' })
    expect(engine.snapshot().state).toBe('draining')
    await drained
    for (const { text } of await Promise.all(running)) expect(text).toHaveLength(300)
  })
})

describe('what holds for all of them', () => {
  it('adapters and their scales, also of one that comes later', async () => {
    const { engine, made, until } = fakes({ replicas: 1 })
    await until(1)
    await engine.loadAdapter({ id: 'a', path: 'a.gguf', scale: 1 })
    await engine.setAdapterScales([{ id: 'a', scale: 0.5 }])
    engine.replicas.scale(2)
    await until(2)
    await engine.loadAdapter({ id: 'b', path: 'b.gguf', scale: 2 })
    const expected = [
      { id: 'a', path: 'a.gguf', scale: 0.5 },
      { id: 'b', path: 'b.gguf', scale: 2 },
    ]
    for (const each of made) expect(each.engine.adapters).toEqual(expected)
    await engine.unloadAdapter('a')
    for (const each of made) expect(each.engine.adapters.map(({ id }) => id)).toEqual(['b'])
    await expect(engine.unloadAdapter('a')).rejects.toMatchObject({ code: 'adapter_unknown' })
  })

  it('a replica that leaves during a change of adapters closes after it', async () => {
    const { engine, made, until } = fakes()
    await until(2)
    const load = made[1]!.engine.loadAdapter.bind(made[1]!.engine)
    const closedBefore: boolean[] = []
    Object.assign(made[1]!.engine, {
      async loadAdapter(adapter: Parameters<typeof load>[0]) {
        engine.replicas.scale(1)
        closedBefore.push(made[1]!.isClosed)
        await load(adapter)
      },
    })
    await engine.loadAdapter({ id: 'a', path: 'a.gguf', scale: 1 })
    expect(closedBefore).toEqual([false])
    expect(made[0]!.engine.adapters).toHaveLength(1)
    await expect.poll(() => made[1]!.isClosed, { interval: 1 }).toBe(true)
  })

  it('an adapter that one of them refuses is in none', async () => {
    const { engine, made, until } = fakes()
    await until(2)
    Object.assign(made[1]!.engine, { loadAdapter: () => Promise.reject(modelUnusable('a.gguf', 'no')) })
    await expect(engine.loadAdapter({ id: 'a', path: 'a.gguf', scale: 1 })).rejects.toMatchObject({
      code: 'model_unusable',
    })
    expect(made[0]!.engine.adapters).toEqual([])
  })

  it('steps of all replicas are reported in one sequence, each with its replica', async () => {
    const { engine, until, say } = fakes()
    await until(2)
    const steps: (readonly [number, number | undefined])[] = []
    using _ = engine.onStep(({ step, replica }) => steps.push([step, replica]))
    await Promise.all([say(3, 'abc'), say(3, 'def')])
    expect(steps.map(([step]) => step)).toEqual(steps.map((_, at) => at + 1))
    expect(new Set(steps.map(([, replica]) => replica))).toEqual(new Set([0, 1]))
  })

  it('memory is said for as many as there may be, what they share once', async () => {
    const { engine, until } = fakes({ maxReplicas: 3, sharedBytes: 40 }, { model: { memoryBytes: 100 } })
    await until(2)
    expect(engine.model.memoryBytes).toBe(40 + 3 * 60)
    expect(engine.model).toBe(engine.model)
  })
})

describe('one who leaves', () => {
  it('is cancelled wherever it is, in a line or at work', async () => {
    const { engine, until } = fakes({}, { ...long, maxBatchSize: 1 })
    await until(2)
    const left = new AbortController()
    const all = ['a', 'b', 'c', 'd'].map((prompt) => collect(engine.generate(ask(prompt), left.signal)))
    await expect.poll(() => engine.snapshot(), { interval: 1 }).toMatchObject({ running: 2, waiting: 2 })
    left.abort()
    for (const { finishReason } of await Promise.all(all)) expect(finishReason).toBe('cancelled')
    expect(engine.snapshot()).toMatchObject({ running: 0, waiting: 0 })
  })

  it('by no longer reading frees its place', async () => {
    const { engine, until } = fakes({}, long)
    await until(2)
    for await (const _ of engine.generate(ask('a'))) break
    await expect.poll(() => engine.snapshot().running, { interval: 1 }).toBe(0)
  })
})
