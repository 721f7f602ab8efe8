import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLlamaEngine, type LlamaEngineOptions } from '@hadal/engine'
import { gguf } from '@hadal/formats'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { runs } from '../../../kernel/base/test/slow-tests.ts'
import { ask, collect, type OpenEngine, openEngine } from './open-engine.ts'
import { type TinyAdapterOptions, writeAdapter } from './tiny-adapter.ts'
import type { TinyModelOptions } from './tiny-model.ts'

const onLinux = it.runIf(process.platform === 'linux')

/** Random greedy text must not hit the end-of-text token by chance. */
const long = { ignoreEos: true } as const
const folder = mkdtempSync(join(tmpdir(), 'hadal-adapters-'))
afterAll(() => rmSync(folder, { recursive: true }))

let open: OpenEngine | undefined
afterEach(async () => {
  await open?.[Symbol.asyncDispose]()
  open = undefined
})

let adapterFiles = 0

/** A new adapter for the tiny model that `openEngine` makes. */
function adapterFile(options: TinyAdapterOptions = {}): string {
  adapterFiles += 1
  const path = join(folder, `adapter-${adapterFiles}.gguf`)
  writeAdapter(path, open!.modelPath, { strength: 2, ...options })
  return path
}

async function started(options: Omit<LlamaEngineOptions, 'modelPath'> = {}, model: TinyModelOptions = {}) {
  open = openEngine({ contextLength: 512, ...options }, model)
  await open.engine.ready()
  return open
}

const generate = (prompt: string, more: Parameters<typeof ask>[1] = {}) =>
  collect(open!.engine.generate(ask(prompt, { maxTokens: 40, ...long, ...more })))
const textOf = async (...args: Parameters<typeof generate>) => (await generate(...args)).text

describe('an adapter', () => {
  it('changes what is said, by default with its scale, or as a request names it', async () => {
    const { engine } = await started()
    const plain = await textOf('abc')
    await engine.loadAdapter({ id: 'one', path: adapterFile(), scale: 1 })
    expect(engine.adapters).toEqual([{ id: 'one', path: expect.stringMatching(/gguf$/), scale: 1 }])
    const changed = await textOf('abc')
    expect(changed).not.toBe(plain)
    expect(await textOf('abc', { adapters: [{ id: 'one', scale: 1 }] })).toBe(changed)
    expect(await textOf('abc', { adapters: [] })).toBe(plain)
    expect(await textOf('abc', { adapters: [{ id: 'one', scale: 0 }] })).toBe(plain)
    const half = await textOf('abc', { adapters: [{ id: 'one', scale: 0.5 }] })
    expect(new Set([plain, changed, half]).size).toBe(3)
    await engine.setAdapterScales([{ id: 'one', scale: 0.5 }])
    expect(await textOf('abc')).toBe(half)
    await engine.setAdapterScales([])
    expect(await textOf('abc')).toBe(plain)
    expect(engine.adapters).toMatchObject([{ scale: 0 }])
  })

  it('of no strength changes nothing; one of the tokens’ matrix changes something', async () => {
    const { engine } = await started()
    const scores = async (more = {}) =>
      (await generate('abc', { maxTokens: 3, topLogprobs: 0, ...more })).tokens.map(({ logprob }) => logprob)
    const plain = await scores()
    await engine.loadAdapter({ id: 'none', path: adapterFile({ strength: 0 }), scale: 0 })
    expect(await scores({ adapters: [{ id: 'none', scale: 1 }] })).toEqual(plain)
    const targets = /^token_embd\.weight$/
    await engine.loadAdapter({ id: 'tokens', path: adapterFile({ targets, strength: 0.5 }), scale: 0 })
    expect(await scores({ adapters: [{ id: 'tokens', scale: 1 }] })).not.toEqual(plain)
  })

  it.each(['F32', 'F16', 'BF16', 'Q8_0'] as const)('may be in %s', async (type) => {
    const { engine } = await started()
    const plain = await textOf('abc')
    await engine.loadAdapter({ id: 'one', path: adapterFile({ type, rank: 32 }), scale: 1 })
    expect(await textOf('abc')).not.toBe(plain)
  })

  it('may be of experts', async () => {
    const { engine } = await started({}, { experts: 4 })
    const plain = await textOf('abc')
    await engine.loadAdapter({ id: 'one', path: adapterFile({ targets: /_exps/ }), scale: 0 })
    const adapters = [{ id: 'one', scale: 1 }]
    const text = await textOf('abc', { adapters })
    expect(text).not.toBe(plain)
    const beside = [
      textOf('abc', { adapters, reusePrefix: false }),
      textOf('x'.repeat(90)),
      textOf('y', { adapters }),
    ]
    expect((await Promise.all(beside))[0]).toBe(text)
    expect(await textOf('abc')).toBe(plain)
  })

  it('adds to others; in which order they are named makes no difference', async () => {
    const { engine } = await started()
    await engine.loadAdapter({ id: 'one', path: adapterFile({ seed: 1 }), scale: 0 })
    await engine.loadAdapter({ id: 'two', path: adapterFile({ seed: 2 }), scale: 0 })
    const [one, two] = [
      { id: 'one', scale: 1 },
      { id: 'two', scale: 1 },
    ]
    const texts = [
      await textOf('abc', { adapters: [] }),
      await textOf('abc', { adapters: [one] }),
      await textOf('abc', { adapters: [two] }),
      await textOf('abc', { adapters: [one, two] }),
    ]
    expect(new Set(texts).size).toBe(4)
    expect(await textOf('abc', { adapters: [two, one] })).toBe(texts[3])
  })

  it('that is not loaded is refused, and so is a name that is taken', async () => {
    const { engine } = await started()
    const path = adapterFile()
    await engine.loadAdapter({ id: 'one', path, scale: 0 })
    await expect(textOf('a', { adapters: [{ id: 'two', scale: 1 }] })).rejects.toMatchObject({
      code: 'adapter_unknown',
      status: 404,
      help: expect.stringContaining('"one"'),
    })
    await expect(textOf('a', { adapters: [{ id: 'one', scale: Number.NaN }] })).rejects.toMatchObject({
      code: 'invalid_sampling',
    })
    await expect(engine.unloadAdapter('two')).rejects.toMatchObject({ code: 'adapter_unknown' })
    await expect(engine.setAdapterScales([{ id: 'two', scale: 1 }])).rejects.toMatchObject({
      code: 'adapter_unknown',
    })
    await expect(engine.loadAdapter({ id: 'one', path, scale: 0 })).rejects.toMatchObject({
      code: 'adapter_exists',
    })
    const both = [1, 2].map(() => engine.loadAdapter({ id: 'two', path, scale: 0 }))
    const outcomes = (await Promise.allSettled(both)).map(({ status }) => status)
    expect(outcomes).toEqual(['fulfilled', 'rejected'])
  })
})

describe('requests with different adapters', () => {
  it('give the same results concurrently as alone, with one adapter per step', async () => {
    const { engine } = await started({ maxBatchSize: 8, maxBatchTokens: 128 })
    const ids = ['one', 'two', 'three']
    for (const [at, id] of ids.entries())
      await engine.loadAdapter({ id, path: adapterFile({ seed: at + 1 }), scale: 0 })
    const sets = [[], ...ids.map((id) => [{ id, scale: 1 }])]
    const requests = Array.from({ length: 16 }, (_, at) => ({
      prompt: String.fromCharCode(97 + at).repeat(1 + ((at * 37) % 200)),
      more: { adapters: sets[at % sets.length]!, topLogprobs: 0 },
    }))
    const alone = []
    for (const { prompt, more } of requests) alone.push(await generate(prompt, more))
    const together = await Promise.all(requests.map(({ prompt, more }) => generate(prompt, more)))
    for (const [at, { text, tokens }] of together.entries()) {
      expect(text).toBe(alone[at]!.text)
      expect(tokens.map(({ logprob }) => logprob)).toEqual(alone[at]!.tokens.map(({ logprob }) => logprob))
    }
  })

  it('share no cells, those with the same do', async () => {
    const { engine } = await started({ maxBatchSize: 2 })
    await engine.loadAdapter({ id: 'one', path: adapterFile(), scale: 0 })
    const prompt = 'the same beginning of all of these prompts '.repeat(4)
    const cached = async (adapters: { id: string; scale: number }[]) =>
      (await generate(prompt, { maxTokens: 2, adapters })).usage.cachedTokens
    expect(await cached([])).toBe(0)
    expect(await cached([])).toBeGreaterThan(100)
    expect(await cached([{ id: 'one', scale: 1 }])).toBe(0)
    expect(await cached([{ id: 'one', scale: 0.5 }])).toBe(0)
    expect(await cached([{ id: 'one', scale: 0.5 }])).toBeGreaterThan(100)
    await engine.unloadAdapter('one')
    await engine.loadAdapter({ id: 'one', path: adapterFile(), scale: 0 })
    expect(await cached([{ id: 'one', scale: 0.5 }])).toBe(0)
  })
})

describe('an adapter that is unloaded', () => {
  it('stays with those that run and wait, and is freed when they end', async () => {
    const { engine, pids } = await started({ maxBatchSize: 2, contextLength: 512 })
    await engine.loadAdapter({ id: 'one', path: adapterFile(), scale: 1 })
    const more = { maxTokens: 300 }
    const alone = await textOf('abc', more)
    const plain = await textOf('abc', { ...more, adapters: [] })
    const begun = Array.from({ length: 5 }, () => textOf('abc', { ...more, reusePrefix: false }))
    await expect.poll(() => engine.snapshot().running).toBe(2)
    await engine.unloadAdapter('one')
    expect(engine.adapters).toEqual([])
    await expect(textOf('abc', { adapters: [{ id: 'one', scale: 1 }] })).rejects.toMatchObject({
      code: 'adapter_unknown',
    })
    const after = textOf('abc', more)
    expect(new Set(await Promise.all(begun))).toEqual(new Set([alone]))
    expect(await after).toBe(plain)
    expect(alone).not.toBe(plain)
    expect(pids).toHaveLength(1)
  })

  onLinux('gives its memory back', async () => {
    const { engine, pids } = await started()
    const path = adapterFile({ rank: 256 })
    const rss = (): number =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pids[0]}/status`, 'utf8'))![1])
    const round = async (at: number): Promise<void> => {
      await engine.loadAdapter({ id: `a${at}`, path, scale: 1 })
      await textOf('abc', { maxTokens: 2 })
      await engine.unloadAdapter(`a${at}`)
      await textOf('abc', { maxTokens: 2 })
    }
    for (let at = 0; at < 10; at += 1) await round(at)
    const before = rss()
    for (let at = 10; at < 40; at += 1) await round(at)
    const fileKiB = readFileSync(path).length / 1024
    // If they were kept, there would be thirty.
    expect(rss() - before).toBeLessThan(10 * fileKiB)
  })

  it('can be loaded and unloaded while others run, by many at once', async () => {
    const { engine, pids } = await started({ maxBatchSize: 4 })
    const paths = [1, 2, 3].map((seed) => adapterFile({ seed }))
    const plain = await textOf('steady', { adapters: [] })
    const turns = paths.map(async (path, at) => {
      for (let turn = 0; turn < 8; turn += 1) {
        const id = `${at}-${turn}`
        await engine.loadAdapter({ id, path, scale: 1 })
        const leaving = new AbortController()
        const answer = collect(
          engine.generate(ask('x', { ...long, adapters: [{ id, scale: 1 }] }), leaving.signal),
        )
        if (turn % 2 === 0) await engine.unloadAdapter(id)
        await new Promise((resolve) => setTimeout(resolve, turn * 3))
        leaving.abort()
        // On a busy machine it may have ended before.
        expect((await answer).finishReason).toMatch(/^(cancelled|length)$/)
        if (turn % 2 === 1) await engine.unloadAdapter(id)
      }
    })
    const steady = Array.from({ length: 6 }, () => textOf('steady', { adapters: [] }))
    for (const text of await Promise.all(steady)) expect(text).toBe(plain)
    await Promise.all(turns)
    expect(engine.adapters).toEqual([])
    expect(pids).toHaveLength(1)
  })
})

describe('a file that is no adapter for the model', () => {
  let shared: OpenEngine
  beforeAll(async () => {
    shared = openEngine({ contextLength: 512 })
    await shared.engine.ready()
  })
  afterAll(() => shared[Symbol.asyncDispose]())

  /** The file is rejected and the process survives. */
  async function refused(write: (path: string) => void, why: string): Promise<void> {
    const path = join(folder, 'wrong.gguf')
    write(path)
    await expect(shared.engine.loadAdapter({ id: 'wrong', path, scale: 1 })).rejects.toMatchObject({
      code: 'adapter_unusable',
      status: 400,
      message: expect.stringContaining(why),
    })
    expect(shared.engine.adapters).toEqual([])
    expect((await collect(shared.engine.generate(ask('a', { maxTokens: 2, ...long })))).tokenCount).toBe(2)
    expect(shared.pids).toHaveLength(1)
  }
  const written = (options: TinyAdapterOptions) => (path: string) =>
    writeAdapter(path, shared.modelPath, options)

  it.each<[string, (path: string) => void]>([
    ['general.type must be', (path) => copyFileSync(shared.modelPath, path)],
    [
      '',
      (path) => writeFileSync(path, Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7919) % 251))),
    ],
    ['', (path) => writeFileSync(path, '')],
    [
      'architecture "qwen3", but the model has "llama"',
      written({ metadata: { 'general.architecture': gguf.string('qwen3') } }),
    ],
    [
      'no matching blk.0.attn_q.weight.lora_b',
      written({ change: (tensors) => tensors.filter(({ name }) => !name.endsWith('q.weight.lora_b')) }),
    ],
    [
      'in the model, but the adapter is',
      written({
        targets: /ffn_up/,
        change: (tensors) =>
          tensors.map((each) => ({ ...each, name: each.name.replace('ffn_up', 'ffn_down') })),
      }),
    ],
    [
      'the model has no blk.7',
      written({
        change: (tensors) => tensors.map((each) => ({ ...each, name: each.name.replace('blk.0', 'blk.7') })),
      }),
    ],
    [
      'non-finite values',
      written({
        change: (tensors) =>
          tensors.map((each) => ({ ...each, data: new Float32Array(each.data.length).fill(Number.NaN) })),
      }),
    ],
  ])('is refused: %s', async (why, write) => refused(write, why))

  it.each([0.1, 0.5, 0.9, 0.999])('is refused when cut off at %f of its length', async (part) => {
    await refused((path) => {
      writeAdapter(path, shared.modelPath)
      truncateSync(path, Math.floor(readFileSync(path).length * part))
    }, '')
  })

  it('never ends the process, whatever its bytes are', async () => {
    const path = join(folder, 'mutated.gguf')
    writeAdapter(path, shared.modelPath, { rank: 4, targets: /attn_[qv]|token_embd/ })
    const bytes = readFileSync(path)
    // The header with names, shapes and types is at the start.
    const change = fc.record({
      at: fc.oneof(fc.nat(1500), fc.nat(bytes.length - 1)),
      byte: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 255)),
    })
    const numRuns = runs(100, 300)
    let loaded = 0
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const mutated = Buffer.from(bytes)
        for (const { at, byte } of changes) mutated[at] = byte
        writeFileSync(path, mutated)
        const issue = await shared.engine
          .loadAdapter({ id: 'mutated', path, scale: 1 })
          .catch((error) => error.code)
        expect(issue ?? 'adapter_unusable').toBe('adapter_unusable')
        if (issue !== undefined) return
        loaded += 1
        await collect(shared.engine.generate(ask('ab', { maxTokens: 2, ...long })))
        await shared.engine.unloadAdapter('mutated')
      }),
      { numRuns },
    )
    expect(loaded).toBeGreaterThan(numRuns / 15)
    expect(shared.pids).toHaveLength(1)
  })
})

describe('at the start', () => {
  it('the configured ones are loaded, with their scales', async () => {
    const { modelPath } = await started()
    const plain = await textOf('abc')
    const adapters = [
      { id: 'one', path: adapterFile({ seed: 1 }), scale: 1 },
      { id: 'off', path: adapterFile({ seed: 2 }), scale: 0 },
    ]
    const engine = createLlamaEngine({ modelPath, threads: 1, contextLength: 512, adapters })
    try {
      await engine.ready()
      expect(engine.adapters).toEqual(adapters)
      const text = async (more = {}) =>
        (await collect(engine.generate(ask('abc', { maxTokens: 40, ...long, ...more })))).text
      expect(await text()).not.toBe(plain)
      expect(await text({ adapters: [] })).toBe(plain)
    } finally {
      await engine[Symbol.asyncDispose]()
    }
  })

  it('one that cannot be used is why there is no start', async () => {
    open = openEngine({ adapters: [{ id: 'one', path: join(folder, 'nowhere.gguf'), scale: 1 }] })
    await expect(open.engine.ready()).rejects.toMatchObject({
      code: 'adapter_unusable',
      message: expect.stringContaining('nowhere.gguf'),
    })
    expect(open.pids).toHaveLength(1)
    const two = [1, 2].map(() => ({ id: 'one', path: 'a.gguf', scale: 1 }))
    expect(() => createLlamaEngine({ modelPath: open!.modelPath, adapters: two })).toThrow(
      expect.objectContaining({ code: 'adapter_exists' }),
    )
  })
})

describe('a process that dies', () => {
  it('is followed by one that has the adapters, those of waiting requests too', async () => {
    const { engine, pids } = await started({ maxBatchSize: 1 })
    await engine.loadAdapter({ id: 'one', path: adapterFile({ seed: 1 }), scale: 1 })
    await engine.loadAdapter({ id: 'two', path: adapterFile({ seed: 2 }), scale: 0 })
    const [one, two] = [await textOf('abc'), await textOf('abc', { adapters: [{ id: 'two', scale: 1 }] })]
    const running = textOf('abc', { maxTokens: 300 })
    const waiting = textOf('abc', { adapters: [{ id: 'two', scale: 1 }] })
    const failed = expect(running).rejects.toMatchObject({ code: 'engine_crashed' })
    await expect.poll(() => engine.snapshot().kvCacheUsage).toBeGreaterThan(0)
    await engine.unloadAdapter('two')
    process.kill(pids[0]!, 'SIGKILL')
    await failed
    expect(await waiting).toBe(two)
    expect(await textOf('abc')).toBe(one)
    expect(engine.adapters.map(({ id }) => id)).toEqual(['one'])
    expect(engine.snapshot().restarts).toBe(1)
  })

  it('while its adapter is lost refuses only who uses it', async () => {
    const { engine, pids } = await started()
    const path = adapterFile()
    const plain = await textOf('abc')
    await engine.loadAdapter({ id: 'one', path, scale: 1 })
    renameSync(path, `${path}.kept`)
    process.kill(pids[0]!, 'SIGKILL')
    await expect.poll(() => engine.snapshot()).toMatchObject({ state: 'ready', restarts: 1 })
    await expect(textOf('abc')).rejects.toMatchObject({ code: 'adapter_unusable' })
    expect(await textOf('abc', { adapters: [] })).toBe(plain)
    await engine.unloadAdapter('one')
    expect(await textOf('abc')).toBe(plain)
    renameSync(`${path}.kept`, path)
    await engine.loadAdapter({ id: 'one', path, scale: 1 })
    expect(await textOf('abc')).not.toBe(plain)
  })
})

describe('slots', () => {
  it('say what is in them', async () => {
    const { engine } = await started({ maxBatchSize: 3 })
    const idle = { promptTokens: 0, computedTokens: 0, generatedTokens: 0 }
    expect(engine.snapshot().slots).toEqual([0, 1, 2].map((slot) => ({ slot, ...idle })))
    const controller = new AbortController()
    const request = ask('abc', long)
    const answer = collect(engine.generate(request, controller.signal))
    const busy = () => engine.snapshot().slots.filter(({ id }) => id !== undefined)
    await expect.poll(() => busy()[0]?.generatedTokens).toBeGreaterThan(2)
    const [{ id, promptTokens, computedTokens, generatedTokens }] = busy() as [ReturnType<typeof busy>[0]]
    expect(id).toBe(request.id)
    expect(promptTokens).toBe(4)
    expect(computedTokens).toBe(promptTokens + generatedTokens - 1)
    controller.abort()
    await answer
    expect(busy()).toEqual([])
  })
})

describe('the bundled model', () => {
  it('takes an adapter', async () => {
    const models = fileURLToPath(new URL('../../../../models/nano/', import.meta.url))
    const modelPath = join(models, readdirSync(models).find((name) => name.endsWith('.gguf'))!)
    const path = join(folder, 'nano.gguf')
    writeAdapter(path, modelPath, { strength: 1 })
    const engine = createLlamaEngine({ modelPath, threads: 1, maxBatchSize: 4 })
    try {
      const text = async (more = {}) =>
        (await collect(engine.generate(ask('Once upon a time', { maxTokens: 30, ...more })))).text
      const plain = await text()
      await engine.loadAdapter({ id: 'one', path, scale: 1 })
      expect(await text({ adapters: [] })).toBe(plain)
      expect(await text()).not.toBe(plain)
    } finally {
      await engine[Symbol.asyncDispose]()
    }
  })
})
