import type { EmbedRequest, Prompt } from '@hadal/engine'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { bertVectors } from './bert-reference.ts'
import { ask, collect, type OpenEngine, openEngine } from './open-engine.ts'
import { encoderTokens, encoderWidth, type TinyEncoderOptions, writeTinyEncoder } from './tiny-encoder.ts'

let open: OpenEngine | undefined
/** Starting engines dominates these tests' time: those with the same options and encoder share one. */
const shared = new Map<string, OpenEngine>()
/** For tests that end their engine, or observe its start. */
let own: OpenEngine | undefined
afterEach(async () => {
  await own?.[Symbol.asyncDispose]()
  own = undefined
})
afterAll(async () => {
  for (const each of shared.values()) await each[Symbol.asyncDispose]()
})

type Options = Parameters<typeof openEngine>[0]

const start = (options: Options, encoder: TinyEncoderOptions | undefined): OpenEngine =>
  openEngine(
    { embeddings: true, ...options },
    encoder === undefined ? {} : (path) => writeTinyEncoder(path, encoder),
  )

async function embedder(options: Options = {}, encoder?: TinyEncoderOptions) {
  const key = JSON.stringify([options, encoder])
  open = shared.get(key) ?? start(options, encoder)
  await open.engine.ready()
  shared.set(key, open)
  return open.engine
}

async function ownEmbedder(options: Options = {}, encoder?: TinyEncoderOptions) {
  own = start(options, encoder)
  await own.engine.ready()
  return own
}

const inputs = (...texts: Prompt[]): EmbedRequest => ({ id: 'embed', inputs: texts })

function expectClose(got: Float32Array, wanted: Float32Array, tolerance = 1e-3): void {
  expect(got.length).toBe(wanted.length)
  const scale = Math.max(...wanted.map(Math.abs))
  for (const [at, value] of got.entries())
    expect(Math.abs(value - wanted[at]!)).toBeLessThanOrEqual(tolerance * scale)
}

const mean = (vectors: readonly Float32Array[]): Float32Array =>
  Float32Array.from(
    vectors[0]!,
    (_, at) => vectors.reduce((sum, each) => sum + each[at]!, 0) / vectors.length,
  )

const texts = ['the cat sat', 'hello', 'a b c d e f g', 'the', 'cat cat cat cat', 'hello the cat', 'z']

describe.each([
  ['an encoder', { contextLength: 64 }],
  ['a generator', undefined],
] as const)('%s', (_, encoder) => {
  it('gives each input the vector that it has alone, whatever its company', async () => {
    const engine = await embedder({ maxBatchSize: 4, maxBatchTokens: 48, kvCacheBytes: 2 ** 24 }, encoder)
    const together = await engine.embed(inputs(...texts))
    const apart = await Promise.all(texts.map((text) => engine.embed(inputs(text))))
    for (const [at, alone] of apart.entries()) {
      expect(together.vectors[at]).toHaveLength(1)
      expectClose(together.vectors[at]![0]!, alone.vectors[0]![0]!)
      expect(together.tokens[at]).toBe(alone.tokens[0])
    }
    // And they do differ.
    expect(together.vectors[0]![0]).not.toEqual(together.vectors[1]![0])
  })

  it('pools as configured: mean, first and last match the token vectors', async () => {
    const none = await (await embedder({ pooling: 'none' }, encoder)).embed(inputs(...texts))
    for (const [at, vectors] of none.vectors.entries()) expect(vectors).toHaveLength(none.tokens[at]!)
    for (const [pooling, pool] of [
      ['mean', mean],
      ['cls', (vectors: readonly Float32Array[]) => vectors[0]!],
      ['last', (vectors: readonly Float32Array[]) => vectors.at(-1)!],
    ] as const) {
      const engine = await embedder({ pooling }, encoder)
      expect(engine.model.pooling).toBe(pooling)
      const pooled = await engine.embed(inputs(...texts))
      for (const [at, vectors] of none.vectors.entries()) expectClose(pooled.vectors[at]![0]!, pool(vectors))
    }
  })

  it('takes tokens and pieces as it takes their text', async () => {
    const engine = await embedder({}, encoder)
    const tokens = await engine.tokenize('the cat', { addSpecial: true, parseSpecial: true })
    const { vectors } = await engine.embed(inputs('the cat', tokens, { pieces: ['the', ' cat'] }))
    const [text, given, pieces] = vectors.map(([vector]) => vector!)
    expectClose(given!, text!)
    if (encoder !== undefined) expectClose(pieces!, text!)
  })

  it('refuses an input that is too long, by its number, and serves the others', async () => {
    const engine = await embedder({ contextLength: 32 }, encoder)
    const long = 'a '.repeat(40)
    const refused = engine.embed(inputs('hello', long))
    const served = engine.embed(inputs('hello'))
    await expect(refused).rejects.toMatchObject({
      code: 'context_length_exceeded',
      status: 400,
      message: expect.stringMatching(/^input 1 is too large: it has \d+ tokens, and the model takes 32$/),
    })
    expect((await served).vectors).toHaveLength(1)
    await expect(engine.embed(inputs([99_999]))).rejects.toMatchObject({ code: 'invalid_token' })
    expect(open!.pids).toHaveLength(1)
  })

  it('has no eyes', async () => {
    const engine = await embedder({}, encoder)
    const image = { image: Uint8Array.of(1, 2, 3) }
    await expect(engine.embed({ id: 'embed', inputs: ['a', image] })).rejects.toMatchObject({
      code: 'images_off',
      status: 501,
    })
    expect((await engine.embed(inputs('a'))).vectors).toHaveLength(1)
  })

  it('takes one as long as it can be', async () => {
    const engine = await embedder({ contextLength: 64, maxBatchTokens: 16, maxBatchSize: 4 }, encoder)
    const tokens = Array.from({ length: 64 }, (_, at) => encoderTokens.a + (at % 26))
    const { vectors } = await engine.embed(inputs(tokens, ...texts, tokens))
    expectClose(vectors[0]![0]!, vectors.at(-1)![0]!)
    const apart = await engine.embed(inputs('the cat sat'))
    expectClose(vectors[1]![0]!, apart.vectors[0]![0]!)
    expect(open!.pids).toHaveLength(1)
  })

  it('gives a text the same vectors in one pass and in several', async () => {
    const tokens = Array.from({ length: 60 }, (_, at) => encoderTokens.a + (at % 26))
    const whole = await (await embedder({ pooling: 'none' }, encoder)).embed(inputs(tokens))
    const engine = await embedder({ pooling: 'none', maxBatchTokens: 16, maxBatchSize: 3 }, encoder)
    const [parts] = await Promise.all([engine.embed(inputs(tokens)), engine.embed(inputs(...texts))])
    expect(parts.vectors[0]).toHaveLength(60)
    for (const [at, vector] of parts.vectors[0]!.entries()) expectClose(vector, whole.vectors[0]![at]!)
  })

  it('serves many requests at once, bounded', async () => {
    const engine = await embedder({ maxBatchSize: 2, maxQueue: 3 }, encoder)
    const requested = Array.from({ length: 8 }, (_, at) => engine.embed(inputs(texts[at % texts.length]!)))
    const ends = await Promise.allSettled(requested)
    // Two passes in the process, plus the queued requests.
    expect(ends.map(({ status }) => status)).toEqual([...Array(7).fill('fulfilled'), 'rejected'])
    expect((ends[7] as PromiseRejectedResult).reason).toMatchObject({
      code: 'queue_full',
      retryAfterSeconds: expect.any(Number),
    })
  })

  it('batches texts that arrive one after another within the timeout', async () => {
    const engine = await embedder({ maxBatchSize: 2, timeoutMicros: 10_000_000 }, encoder)
    const passes: number[] = []
    using _ = engine.onStep(({ running }) => passes.push(running))
    await Promise.all([engine.embed(inputs('the cat')), engine.embed(inputs('hello'))])
    expect(passes).toEqual([2])
  })

  it('does not wait when one request fills a pass', async () => {
    const engine = await embedder({ maxBatchSize: 2, timeoutMicros: 10_000_000 }, encoder)
    const timeout = new Promise((resolve) => setTimeout(resolve, 10_000, 'timeout').unref())
    const full = engine.embed(inputs('the cat', 'hello')).then(() => 'full')
    expect(await Promise.race([full, timeout])).toBe('full')
  })

  it('drops a request whose signal is aborted', async () => {
    const engine = await embedder({ maxBatchSize: 1 }, encoder)
    const reason = new Error('gone')
    const controller = new AbortController()
    const many = () => engine.embed(inputs(...Array.from({ length: 2000 }, () => 'hello')), controller.signal)
    const [running, waiting] = [many(), many()]
    const other = engine.embed(inputs('cat'))
    using _ = engine.onStep(() => controller.abort(reason))
    await expect(running).rejects.toBe(reason)
    await expect(waiting).rejects.toBe(reason)
    expect((await other).vectors).toHaveLength(1)
    await expect(engine.embed(inputs('a'), AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(engine.snapshot()).toMatchObject({ running: 0, waiting: 0 })
  })

  it('fails those in work when its process dies, and serves those that wait', async () => {
    const { engine, pids } = await ownEmbedder({ maxBatchSize: 1 }, encoder)
    const many = () => engine.embed(inputs(...Array.from({ length: 5000 }, () => 'hello')))
    const [working, ahead] = [many(), many()]
    const waiting = engine.embed(inputs('cat'))
    working.catch(() => {})
    ahead.catch(() => {})
    await new Promise<unknown>((resolve) => engine.onStep(resolve))
    process.kill(pids.at(-1)!, 'SIGKILL')
    for (const each of [working, ahead])
      await expect(each).rejects.toMatchObject({ code: 'engine_crashed', retryAfterSeconds: 1 })
    expect((await waiting).vectors).toHaveLength(1)
    expect(engine.snapshot().restarts).toBe(1)
  })

  it('finishes what it has before it closes, and takes no more', async () => {
    const { engine } = await ownEmbedder({}, encoder)
    const requested = engine.embed(inputs(...Array.from({ length: 200 }, () => 'hello')))
    const done = vi.fn()
    void requested.then(done)
    await new Promise((resolve) => setImmediate(resolve))
    expect(done).not.toHaveBeenCalled()
    await engine.drain(60_000)
    await new Promise((resolve) => setImmediate(resolve))
    expect(done).toHaveBeenCalled()
    await expect(engine.embed(inputs('a'))).rejects.toMatchObject({ code: 'engine_closed' })
  })

  it('refuses an answer of more numbers than it carries', async () => {
    const engine = await embedder({}, encoder)
    const many = engine.embed({ id: 'many', inputs: Array<string>(300_000).fill('a') })
    await expect(many).rejects.toMatchObject({ code: 'too_many_vectors', status: 400 })
  })
})

describe('an encoder', () => {
  it('computes what BERT is defined as', async () => {
    const engine = await embedder({ pooling: 'none' }, {})
    const long = Array.from({ length: 50 }, (_, at) => encoderTokens.a + ((at * 7) % 52))
    const requested = [encoderTokens.begin, encoderTokens.a, encoderTokens.a + 3, encoderTokens.end]
    const { vectors } = await engine.embed(inputs(requested, long))
    for (const [at, tokens] of [requested, long].entries())
      for (const [row, wanted] of bertVectors(open!.modelPath, tokens).entries())
        expectClose(vectors[at]![row]!, Float32Array.from(wanted), 0.02)
  })

  it('reads both ways: the last token changes the first one’s vector', async () => {
    const engine = await embedder({ pooling: 'cls' }, {})
    const { vectors } = await engine.embed(inputs('the cat', 'the z'))
    expect(vectors[0]![0]).not.toEqual(vectors[1]![0])
  })

  it('says what it can: no text', async () => {
    const engine = await embedder({}, { poolingType: 2 })
    expect(engine.model).toMatchObject({
      architecture: 'bert',
      embeddingLength: encoderWidth,
      contextLength: 64,
      pooling: 'cls',
      can: { generate: false, embed: true, rerank: false },
    })
    expect(engine.choices.join('\n')).toContain('pooling: cls (as the model says)')
    await expect(collect(engine.generate(ask('a')))).rejects.toMatchObject({ code: 'generation_off' })
    await expect(engine.rerank({ id: 'a', query: 'a', documents: ['b'] })).rejects.toMatchObject({
      code: 'reranking_off',
    })
    expect(await engine.tokenize('the cat', { addSpecial: true })).toHaveLength(4)
  })

  it('says so, too, to those who asked before it was known', async () => {
    own = start({}, {})
    const { engine } = own
    const early = [
      expect(collect(engine.generate(ask('a')))).rejects.toMatchObject({ code: 'generation_off' }),
      expect(engine.rerank({ id: 'a', query: 'a', documents: ['b'] })).rejects.toMatchObject({
        code: 'reranking_off',
      }),
      expect(engine.embed(inputs('the cat'))).resolves.toMatchObject({ tokens: [4] }),
    ]
    expect(engine.snapshot()).toMatchObject({ state: 'starting', waiting: 3 })
    await Promise.all(early)
    expect(engine.snapshot()).toMatchObject({ state: 'ready', running: 0, waiting: 0 })
  })

  it('has a line before it is ready, which is bounded and can be left', async () => {
    own = start({ maxQueue: 1 }, {})
    const { engine } = own
    const leaving = new AbortController()
    const left = expect(engine.embed(inputs('a'), leaving.signal)).rejects.toBe('enough')
    await expect(engine.embed(inputs('a'))).rejects.toMatchObject({ code: 'queue_full' })
    leaving.abort('enough')
    await left
    expect(engine.snapshot()).toMatchObject({ state: 'starting', waiting: 0 })
  })

  it('is refused by a server that wants text, with the flag it takes', async () => {
    own = start({ embeddings: false }, {})
    await expect(own.engine.ready()).rejects.toMatchObject({
      code: 'model_unfit',
      help: expect.stringContaining('--embeddings'),
    })
  })

  it('frames an empty text, and has nothing of one without tokens', async () => {
    const engine = await embedder({}, {})
    expect((await engine.embed(inputs(''))).tokens).toEqual([2])
    await expect(engine.embed(inputs('a', []))).rejects.toMatchObject({
      code: 'empty_prompt',
      message: 'input 1 has no tokens',
    })
  })

  it('reads texts of lengths at which kernels change', async () => {
    const engine = await embedder({ maxBatchTokens: 1024 }, { contextLength: 512 })
    const long = [62, 63, 64, 65, 253, 254, 255, 256, 257].map((length) =>
      Array<number>(length).fill(encoderTokens.a),
    )
    const together = await engine.embed(inputs(...long))
    for (const [at, text] of long.entries()) {
      const alone = await engine.embed(inputs(text))
      expectClose(together.vectors[at]![0]!, alone.vectors[0]![0]!)
      expect(alone.vectors[0]![0]!.every(Number.isFinite)).toBe(true)
    }
  })

  it('reads long stretches that hold few tokens', async () => {
    const engine = await embedder({}, {})
    const { vectors, tokens } = await engine.embed(inputs(`the${' '.repeat(20_000)}cat`, 'the cat'))
    expect(tokens).toEqual([4, 4])
    expectClose(vectors[0]![0]!, vectors[1]![0]!)
  })
})

describe('a generator', () => {
  it('leaves nothing of a long text that was cancelled between its passes', async () => {
    const engine = await embedder({ maxBatchTokens: 16, maxBatchSize: 4 })
    const long = Array.from({ length: 500 }, (_, at) => encoderTokens.a + (at % 26))
    const other = long.toReversed()
    const wanted = await engine.embed(inputs(other))
    for (let round = 0; round < 8; round += 1) {
      const cancelled = new AbortController()
      let passes = 0
      using _ = engine.onStep(() => {
        passes += 1
        if (passes === 3 + round) cancelled.abort(new Error('enough'))
      })
      await expect(engine.embed(inputs(long), cancelled.signal)).rejects.toThrow('enough')
      const { vectors } = await engine.embed(inputs(other))
      expectClose(vectors[0]![0]!, wanted.vectors[0]![0]!)
    }
    expect(open!.pids).toHaveLength(1)
  })

  it('says how little is left for text where embeddings take all of the memory', async () => {
    await expect(ownEmbedder({ kvCacheBytes: 10_000 })).rejects.toMatchObject({
      code: 'kv_cache_too_large',
      message: expect.stringMatching(/; the limit is 0 B$/),
    })
  })

  it('gives embeddings only when it was started for them', async () => {
    const engine = await embedder({ embeddings: false })
    expect(engine.model.pooling).toBeUndefined()
    await expect(engine.embed(inputs('a'))).rejects.toMatchObject({ code: 'embeddings_off', status: 501 })
  })

  it('generates the same text while it embeds, and embeds the same while it generates', async () => {
    const engine = await embedder({ maxBatchSize: 4 })
    const request = () => ask('the cat', { maxTokens: 64, ignoreEos: true })
    const [text, vectors] = [await collect(engine.generate(request())), await engine.embed(inputs(...texts))]
    const steps: number[] = []
    using _ = engine.onStep(({ decodeTokens }) => steps.push(decodeTokens))
    const [again, others] = await Promise.all([
      collect(engine.generate(request())),
      engine.embed(inputs(...Array.from({ length: 20 }, () => texts).flat())),
    ])
    expect(again.text).toBe(text.text)
    for (const [at, [vector]] of others.vectors.entries())
      expectClose(vector!, vectors.vectors[at % texts.length]![0]!)
    // Passes are interleaved with steps, not before or after all of them.
    const passes = steps.flatMap((tokens, at) => (tokens === 0 ? [at] : []))
    expect(passes.length).toBeGreaterThan(1)
    expect(steps.slice(passes[0], passes.at(-1)).some((tokens) => tokens > 0)).toBe(true)
  })
})
