import { fork } from 'node:child_process'
import { copyFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { programEntry } from '@hadal/base'
import { createLlamaEngine } from '@hadal/engine'
import { gguf } from '@hadal/formats'
import { afterEach, describe, expect, it } from 'vitest'
import { ask, collect, type OpenEngine, openEngine } from './open-engine.ts'
import { writeTinyModel } from './tiny-model.ts'

const onPosix = it.skipIf(process.platform === 'win32')

let open: OpenEngine | undefined
afterEach(async () => {
  await open?.[Symbol.asyncDispose]()
  open = undefined
})

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    // A zombie responds to signal 0 until it is reaped. Only Linux reports the state.
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
const long = { ignoreEos: true } as const
/** The tiny model: layers, heads of 32 numbers, keys and values, bytes. */
const bytesPerCell = 3 * 2 * 32 * 2 * 2

describe('a model that cannot be served', () => {
  const starting = async (model: (path: string) => void) => {
    open = openEngine({}, model)
    return open.engine.ready()
  }

  it('is not there', async () => {
    await expect(starting(() => {})).rejects.toMatchObject({ code: 'model_file_not_found' })
    expect(open!.engine.snapshot()).toMatchObject({ state: 'closed', restarts: 0 })
    await expect(collect(open!.engine.generate(ask('a')))).rejects.toMatchObject({ code: 'engine_closed' })
    await expect(open!.engine.tokenize('a')).rejects.toMatchObject({ code: 'model_file_not_found' })
  })

  it('is no GGUF file', async () => {
    const model = (path: string) => writeFileSync(path, '<!doctype html><title>404</title>')
    await expect(starting(model)).rejects.toMatchObject({ code: 'model_not_gguf' })
  })

  it('is empty', async () => {
    await expect(starting((path) => writeFileSync(path, ''))).rejects.toMatchObject({
      code: 'model_not_gguf',
    })
  })

  it.each([0.3, 0.9, 0.99])('is cut off at %f of its length', async (part) => {
    const model = (path: string) => {
      writeTinyModel(path)
      truncateSync(path, Math.floor(readFileSync(path).length * part))
    }
    await expect(starting(model)).rejects.toMatchObject({
      code: 'model_unusable',
      message: expect.stringMatching(/cannot serve .*tiny\.gguf: .{10}/),
    })
  })

  it('is garbage behind the magic', async () => {
    const model = (path: string) => {
      const noise = Buffer.from(Array.from({ length: 4000 }, (_, at) => (at * 7919 + 13) % 251))
      writeFileSync(path, Buffer.concat([Buffer.from('GGUF\x03\0\0\0'), noise]))
    }
    await expect(starting(model)).rejects.toMatchObject({ code: 'model_unusable' })
  })

  it('has an unknown architecture', async () => {
    const metadata = { 'general.architecture': gguf.string('transfusion') }
    await expect(starting((path) => writeTinyModel(path, { metadata }))).rejects.toMatchObject({
      code: 'model_unusable',
      message: expect.stringContaining('transfusion'),
    })
  })

  it('kills the process that loads it', async () => {
    const metadata = { 'llama.block_count': gguf.uint32(1_000_000_000) }
    open = openEngine({}, { metadata })
    await expect(open.engine.ready()).rejects.toMatchObject({ code: 'engine_start_failed', status: 503 })
    expect(open.pids).toHaveLength(4)
    expect(open.engine.snapshot().state).toBe('closed')
  })

  it('does not fit into the memory allowed', async () => {
    // Cells are allocated in multiples of 256.
    open = openEngine({ kvCacheBytes: 400 * bytesPerCell, contextLength: 300 })
    await expect(open.engine.ready()).rejects.toMatchObject({
      code: 'kv_cache_too_large',
      message: 'the KV cache for a context of 300 tokens needs 384 KiB; the limit is 300 KiB',
    })
  })
})

describe('options', () => {
  it.each([
    [{ maxBatchSize: 0 }, 'maxBatchSize'],
    [{ maxBatchSize: 32, maxBatchTokens: 16 }, 'maxBatchTokens'],
    [{ threads: 1.5 }, 'threads'],
    [{ timeoutMicros: -1 }, 'timeoutMicros'],
    [{ stallTimeoutMillis: 0 }, 'stallTimeoutMillis'],
  ])('are checked: %o', (options, name) => {
    expect(() => createLlamaEngine({ modelPath: 'none', ...options })).toThrow(
      expect.objectContaining({ code: 'llama_option_invalid', message: expect.stringContaining(name) }),
    )
  })
})

describe('a step', () => {
  it('is bounded, and the largest takes prompts of any length', async () => {
    open = openEngine({ maxBatchTokens: 2048 })
    await open.engine.ready()
    const prefills: number[] = []
    using _ = open.engine.onStep((report) => prefills.push(report.prefillTokens))
    const prompts = Array.from({ length: 8 }, () =>
      open!.engine.generate(ask('a'.repeat(400), { maxTokens: 1, reusePrefix: false })),
    )
    await Promise.all(prompts.map(collect))
    expect(Math.max(...prefills)).toBeLessThanOrEqual(2048)
    expect(prefills.reduce((sum, tokens) => sum + tokens, 0)).toBe(8 * 401)
  })
})

describe.each(['SIGKILL', 'SIGABRT', 'SIGSEGV'] as const)('a process that dies of %s', (signal) => {
  onPosix('fails what ran in it, keeps what waits, and comes back', async () => {
    open = openEngine({ maxBatchSize: 2 })
    const { engine, pids } = open
    await engine.ready()
    const running = [1, 2].map(() => collect(engine.generate(ask('runs', long))))
    const waiting = collect(engine.generate(ask('waits', { maxTokens: 3, ...long })))
    const failed = Promise.all(
      running.map((answer) =>
        expect(answer).rejects.toMatchObject({
          code: 'engine_crashed',
          status: 503,
          retryAfterSeconds: 1,
          message: expect.stringContaining(signal),
        }),
      ),
    )
    await expect.poll(() => engine.snapshot().kvCacheUsage).toBeGreaterThan(0)
    process.kill(pids[0]!, signal)
    await failed
    expect((await waiting).usage.completionTokens).toBe(3)
    expect(engine.snapshot()).toMatchObject({ state: 'ready', restarts: 1, running: 0, waiting: 0 })
    expect(pids).toHaveLength(2)
  })
})

describe('a process that dies idle', () => {
  it('comes back by itself; questions asked meanwhile are answered', async () => {
    open = openEngine()
    const { engine, pids } = open
    await engine.ready()
    process.kill(pids[0]!, 'SIGKILL')
    await expect.poll(() => engine.snapshot().state).toBe('restarting')
    expect(await engine.tokenize('ab')).toEqual([0x61, 0x62])
    expect(engine.snapshot()).toMatchObject({ state: 'ready', restarts: 1 })
  })

  it('is started again and again when it dies again and again', async () => {
    open = openEngine()
    const { engine, pids } = open
    await engine.ready()
    for (let death = 1; death <= 3; death += 1) {
      process.kill(pids.at(-1)!, 'SIGKILL')
      await expect.poll(() => engine.snapshot()).toMatchObject({ state: 'ready', restarts: death })
    }
    expect((await collect(engine.generate(ask('a', { maxTokens: 2, ...long })))).usage.completionTokens).toBe(
      2,
    )
  })

  it('waits for a model that went away to come back', async () => {
    open = openEngine()
    const { engine, pids, modelPath } = open
    await engine.ready()
    copyFileSync(modelPath, `${modelPath}.kept`)
    rmSync(modelPath)
    process.kill(pids[0]!, 'SIGKILL')
    await expect.poll(() => pids.length).toBeGreaterThan(2)
    renameSync(`${modelPath}.kept`, modelPath)
    expect((await collect(engine.generate(ask('a', { maxTokens: 2, ...long })))).usage.completionTokens).toBe(
      2,
    )
  })
})

describe('a process that does not come back', () => {
  it('is retried indefinitely, while requests fail immediately', async () => {
    open = openEngine()
    const { engine, pids, modelPath } = open
    await engine.ready()
    renameSync(modelPath, `${modelPath}.kept`)
    process.kill(pids[0]!, 'SIGKILL')
    await expect.poll(() => engine.snapshot().state).toBe('restarting')
    const unavailable = { code: 'engine_start_failed', status: 503, retryAfterSeconds: 1 }
    const waits = expect(collect(engine.generate(ask('waits')))).rejects.toMatchObject(unavailable)
    await expect(engine.tokenize('waits')).rejects.toMatchObject(unavailable)
    await waits
    await expect(collect(engine.generate(ask('late')))).rejects.toMatchObject(unavailable)
    await expect(engine.detokenize([1])).rejects.toMatchObject(unavailable)
    await expect.poll(() => pids.length).toBeGreaterThan(6)
    expect(engine.snapshot().state).toBe('restarting')
    renameSync(`${modelPath}.kept`, modelPath)
    await expect.poll(() => engine.snapshot().state).toBe('ready')
    expect((await collect(engine.generate(ask('a', { maxTokens: 2, ...long })))).tokenCount).toBe(2)
  })
})

describe.skipIf(process.platform === 'win32')('a process that hangs', () => {
  it('is killed and replaced', async () => {
    open = openEngine({ stallTimeoutMillis: 2000 })
    const { engine, pids } = open
    await engine.ready()
    const answer = collect(engine.generate(ask('runs', long)))
    await expect.poll(() => engine.snapshot().kvCacheUsage).toBeGreaterThan(0)
    process.kill(pids[0]!, 'SIGSTOP')
    await expect(answer).rejects.toMatchObject({ code: 'engine_crashed', retryAfterSeconds: 1 })
    expect((await collect(engine.generate(ask('a', { maxTokens: 2, ...long })))).tokenCount).toBe(2)
    expect(engine.snapshot()).toMatchObject({ state: 'ready', restarts: 1 })
  })

  it('is found out when everyone has left, and by a question', async () => {
    open = openEngine({ stallTimeoutMillis: 2000 })
    const { engine, pids } = open
    await engine.ready()
    process.kill(pids[0]!, 'SIGSTOP')
    const controller = new AbortController()
    const left = collect(engine.generate(ask('leaves', long), controller.signal))
    await new Promise((resolve) => setTimeout(resolve, 50))
    controller.abort()
    await left
    await expect.poll(() => engine.snapshot()).toMatchObject({ state: 'ready', restarts: 1 })
    process.kill(pids[1]!, 'SIGSTOP')
    await expect(engine.tokenize('a')).rejects.toMatchObject({ code: 'engine_crashed' })
  })

  it('is not one that has nothing to do', async () => {
    open = openEngine({ stallTimeoutMillis: 2000 })
    const { engine } = open
    await engine.ready()
    const controller = new AbortController()
    const cancelled = collect(engine.generate(ask('leaves', long), controller.signal))
    await expect.poll(() => engine.snapshot().kvCacheUsage).toBeGreaterThan(0)
    controller.abort()
    await cancelled
    const atOnce = new AbortController()
    const neverSent = collect(engine.generate(ask('leaves', long), atOnce.signal))
    atOnce.abort()
    await neverSent
    await engine.tokenize('a')
    await new Promise((resolve) => setTimeout(resolve, 3000))
    expect(engine.snapshot()).toMatchObject({ state: 'ready', restarts: 0 })
  })
})

describe('the waiting line', () => {
  it('is bounded, and says when to come back', async () => {
    open = openEngine({ maxBatchSize: 1, maxQueue: 1 })
    const { engine } = open
    await engine.ready()
    const controller = new AbortController()
    const accepted = [1, 2].map(() => collect(engine.generate(ask('a', long), controller.signal)))
    await expect.poll(() => engine.snapshot().running).toBe(1)
    const refused = await collect(engine.generate(ask('a'))).catch((error) => error)
    expect(refused).toMatchObject({
      code: 'queue_full',
      status: 429,
      message: 'the queue is full: 1 requests are waiting',
    })
    expect(refused.retryAfterSeconds).toBeGreaterThanOrEqual(1)
    expect(engine.snapshot()).toMatchObject({ running: 1, waiting: 1 })
    controller.abort()
    await Promise.all(accepted)
    expect((await collect(engine.generate(ask('a', { maxTokens: 1 })))).usage.completionTokens).toBe(1)
  })

  it('of length 0 refuses only when all are busy', async () => {
    open = openEngine({ maxBatchSize: 1, maxQueue: 0 })
    await open.engine.ready()
    expect((await collect(open.engine.generate(ask('a', { maxTokens: 1 })))).usage.completionTokens).toBe(1)
  })

  it('takes requests before the engine is ready', async () => {
    open = openEngine()
    const answer = collect(open.engine.generate(ask('early', { maxTokens: 2, ...long })))
    expect(open.engine.snapshot()).toMatchObject({ state: 'starting', waiting: 1 })
    expect((await answer).usage.completionTokens).toBe(2)
  })

  it('lets prompts share the first pass within the timeout', async () => {
    open = openEngine({ timeoutMicros: 10_000_000, maxBatchSize: 2 })
    const { engine } = open
    await engine.ready()
    const prefills: number[] = []
    using _ = engine.onStep((report) => prefills.push(report.prefillTokens))
    const first = collect(engine.generate(ask('abc', { maxTokens: 1 })))
    await new Promise((resolve) => setTimeout(resolve, 20))
    const second = collect(engine.generate(ask('defg', { maxTokens: 1 })))
    await Promise.all([first, second])
    expect(prefills).toEqual([4 + 5])
  })
})

describe('many requests on one signal', () => {
  it('are no leak of listeners, and all hear of its abort', async () => {
    open = openEngine({ maxBatchSize: 8 })
    const { engine, pids } = open
    await engine.ready()
    const warnings: string[] = []
    const onWarning = (warning: Error): void => void warnings.push(warning.message)
    process.on('warning', onWarning)
    try {
      const controller = new AbortController()
      const begin = () =>
        Array.from({ length: 64 }, () => collect(engine.generate(ask('abc', long), controller.signal)))
      const running = begin()
      await expect.poll(() => engine.snapshot().running).toBe(8)
      process.kill(pids[0]!, 'SIGKILL')
      const failed = running
        .slice(0, 8)
        .map((answer) => expect(answer).rejects.toMatchObject({ code: 'engine_crashed' }))
      await Promise.all(failed)
      await expect.poll(() => engine.snapshot()).toMatchObject({ restarts: 1, running: 8 })
      const more = begin()
      controller.abort()
      for (const { finishReason } of await Promise.all([...running.slice(8), ...more]))
        expect(finishReason).toBe('cancelled')
    } finally {
      process.off('warning', onWarning)
    }
    expect(warnings).toEqual([])
  })
})

describe('waiting for company', () => {
  it('ends at once when the first pass is full', async () => {
    open = openEngine({ timeoutMicros: 10_000_000, maxBatchSize: 2 })
    await open.engine.ready()
    const timeout = new Promise((resolve) => setTimeout(resolve, 10_000, 'timeout').unref())
    const both = [1, 2].map(() => collect(open!.engine.generate(ask('a', { maxTokens: 1 }))))
    expect(await Promise.race([Promise.all(both).then(() => 'full'), timeout])).toBe('full')
  })
})

describe('shared cells', () => {
  it('are reserved: requests wait instead of failing when cells run short', async () => {
    open = openEngine({ maxBatchSize: 4, contextLength: 400, kvCacheBytes: 512 * bytesPerCell })
    const { engine } = open
    await engine.ready()
    expect(engine.choices).toContainEqual(expect.stringMatching(/^kv cells: 512 shared by 4/))
    const most: number[] = []
    using _ = engine.onStep((report) => most.push(report.running))
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, at) =>
        collect(engine.generate(ask('x'.repeat(150 + at), { maxTokens: 40, reusePrefix: false, ...long }))),
      ),
    )
    for (const answer of answers) expect(answer.usage.completionTokens).toBe(40)
    expect(Math.max(...most)).toBe(2)
  })
})

describe('cells that sequences have in common', () => {
  it('are kept as long as any sequence uses them', async () => {
    const cells = { contextLength: 400, kvCacheBytes: 512 * bytesPerCell }
    open = openEngine({ maxBatchSize: 4, preemption: false, ...cells })
    const { engine } = open
    await engine.ready()
    const say = (prompt: string, maxTokens: number) =>
      collect(engine.generate(ask(prompt, { maxTokens, ...long })))
    // The first one computes them, the second one continues with them, and only then does the third one fit.
    const [first, second, third] = await Promise.all([
      say('x'.repeat(200), 20),
      say('x'.repeat(200), 150),
      say('y'.repeat(200), 100),
    ])
    expect(second.usage.cachedTokens).toBeGreaterThan(190)
    expect([first, second, third].map(({ usage }) => usage.completionTokens)).toEqual([20, 150, 100])
    expect(engine.snapshot()).toMatchObject({ restarts: 0, kvCacheUsage: 0 })
  })
})

describe('an engine that need not be invariant', () => {
  it('uses flash attention where there is any, and serves as well', async () => {
    open = openEngine({ batchInvariant: false, maxBatchSize: 4, maxBatchTokens: 64 })
    const { engine } = open
    await engine.ready()
    expect(engine.choices).toContainEqual(expect.stringMatching(/^flash attention: where the device has it/))
    const lengths = [1, 70, 150, 300]
    const answers = await Promise.all(
      lengths.map((length) => collect(engine.generate(ask('z'.repeat(length), { maxTokens: 20, ...long })))),
    )
    expect(answers.map((answer) => answer.usage.promptTokens)).toEqual(lengths.map((length) => length + 1))
    for (const answer of answers) expect(answer.usage.completionTokens).toBe(20)
  })
})

describe('the end', () => {
  it('drains: what runs is finished, nothing new is taken', async () => {
    open = openEngine({ maxBatchSize: 1 })
    const { engine } = open
    await engine.ready()
    const answers = [1, 2].map(() => collect(engine.generate(ask('last', { maxTokens: 20, ...long }))))
    await expect.poll(() => engine.snapshot().running).toBe(1)
    const drained = engine.drain(20_000)
    expect(engine.snapshot().state).toBe('draining')
    await expect(collect(engine.generate(ask('late')))).rejects.toMatchObject({
      code: 'engine_closed',
      status: 503,
    })
    await drained
    expect(engine.snapshot()).toMatchObject({ running: 0, waiting: 0 })
    for (const answer of await Promise.all(answers)) expect(answer.usage.completionTokens).toBe(20)
  })

  it('does not drain for ever', async () => {
    open = openEngine()
    const { engine } = open
    await engine.ready()
    const controller = new AbortController()
    const answer = collect(engine.generate(ask('goes on', long), controller.signal))
    await expect.poll(() => engine.snapshot().running).toBe(1)
    await engine.drain(10)
    controller.abort()
    await answer
  })

  it('fails the running requests, and leaves no process behind', async () => {
    open = openEngine()
    const { engine, pids } = open
    await engine.ready()
    const failed = expect(collect(engine.generate(ask('cut', long)))).rejects.toMatchObject({
      code: 'engine_closed',
    })
    await expect.poll(() => engine.snapshot().running).toBe(1)
    await engine[Symbol.asyncDispose]()
    await failed
    expect(alive(pids[0]!)).toBe(false)
    expect(engine.snapshot().state).toBe('closed')
  })

  it('can come while it starts', async () => {
    open = openEngine()
    const { engine, pids } = open
    const failed = expect(engine.ready()).rejects.toMatchObject({ code: 'engine_closed' })
    await engine[Symbol.asyncDispose]()
    await failed
    expect(alive(pids[0]!)).toBe(false)
  })

  it('of the parent ends the process, whatever ended the parent', async () => {
    open = openEngine()
    const { path, execArgv } = programEntry(import.meta.url, './abandoned-engine')
    const parent = fork(path, [open.modelPath], { execArgv: [...execArgv] })
    const pid = await new Promise<number>((resolve) => parent.on('message', (pid) => resolve(pid as number)))
    expect(alive(pid)).toBe(true)
    parent.kill('SIGKILL')
    await expect.poll(() => alive(pid)).toBe(false)
  })
})
