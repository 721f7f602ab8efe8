/** ONNX models behind the `Engine` interface: batching, validation, crashes. */

import { readFileSync } from 'node:fs'
import {
  createOnnxEngine,
  type Engine,
  type Inference,
  type OnnxEngineOptions,
  type StepReport,
  type TensorValue,
} from '@hadal/engine'
import fc from 'fast-check'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { cpuTicks } from '../../../../kernel/base/test/cpu-ticks.ts'
import { runs } from '../../../../kernel/base/test/slow-tests.ts'
import { floats, floatsOf, integers, integersOf, longs, onnxModel } from './models.ts'

const onLinux = it.runIf(process.platform === 'linux')

async function open(name: string, options: Partial<OnnxEngineOptions> = {}): Promise<Engine> {
  const engine = createOnnxEngine({ path: onnxModel(name), threads: 1, ...options })
  onTestFinished(() => engine[Symbol.asyncDispose]())
  await engine.ready()
  return engine
}

/** Each takes a second to start: tests that do not change it share one. */
const shared = new Map<string, Promise<Engine>>()
afterAll(async () => {
  for (const engine of shared.values()) await (await engine)[Symbol.asyncDispose]()
})

function share(name: string, options: Partial<OnnxEngineOptions>): Promise<Engine> {
  const starting = async (): Promise<Engine> => {
    const engine = createOnnxEngine({ path: onnxModel(name), threads: 1, ...options })
    await engine.ready()
    return engine
  }
  const engine = shared.get(name) ?? starting()
  shared.set(name, engine)
  return engine
}
const vision = (): Promise<Engine> => share('vision', { maxBatchSize: 4 })
const simple = (): Promise<Engine> => share('simple', { maxBatchSize: 3, timeoutMicros: 100_000 })
const busy = (): Promise<Engine> => share('busy', { maxBatchSize: 1, maxQueue: 1 })

const infer = (engine: Engine, inputs: readonly TensorValue[], signal?: AbortSignal): Promise<Inference> =>
  engine.infer!({ id: 'x', inputs }, signal)

function steps(engine: Engine): StepReport[] {
  const seen: StepReport[] = []
  engine.onStep((report) => void seen.push(report))
  return seen
}

/** Reproducible pixels from a seed. */
const picture = (seed: number, rows = 1): TensorValue =>
  floats(
    'input',
    [rows, 1, 4, 4],
    Array.from({ length: rows * 16 }, (_, at) => Math.sin(seed * 31 + at * 7)),
  )

describe('an engine of an ONNX model', () => {
  it('says what its model is, and how requests share a run', async () => {
    const { model, choices } = await vision()
    expect(model).toMatchObject({
      id: 'vision',
      architecture: 'onnx',
      // The kernel, its bias, the matrix and its bias.
      parameterCount: 36 + 4 + 12 + 3,
      can: { generate: false, embed: false, rerank: false, infer: true },
      tensors: { batching: { kind: 'free' }, metadata: { 'hadal.classes': '["shirt","boot","bag"]' } },
    })
    expect(choices.join('\n')).toMatch(
      /^threads: 1 of each run \(as configured\)\nbatching: up to 4 rows a run .*\nruntime: onnxruntime-node 1\./,
    )
  })

  it('computes inputs one by one when batching changes results and batchInvariant is set', async () => {
    const { tensors } = (await open('sequence', { batchInvariant: true })).model
    expect(tensors!.batching).toMatchObject({
      kind: 'none',
      reason: expect.stringContaining('batchInvariant'),
    })
  })

  it('gives each request the bits that it has alone, whatever shares its runs', async () => {
    const engine = await vision()
    const alone = new Map<number, Uint8Array>()
    for (let seed = 0; seed < 8; seed += 1)
      alone.set(seed, (await infer(engine, [picture(seed)])).outputs[0]!.data as Uint8Array)
    const seen = steps(engine)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 7 }), { maxLength: 6 }),
        async (given) => {
          const found = await Promise.all(
            given.map((seeds) => {
              const pixels = seeds.flatMap((seed) => floatsOf(picture(seed)))
              return infer(engine, [floats('input', [seeds.length, 1, 4, 4], pixels)])
            }),
          )
          for (const [at, seeds] of given.entries()) {
            const [{ dims, data }] = found[at]!.outputs as [TensorValue]
            expect(dims).toEqual([seeds.length, 3])
            const expected = Buffer.concat(seeds.map((seed) => alone.get(seed)!))
            expect(Buffer.from(data as Uint8Array)).toEqual(expected)
          }
        },
      ),
      { numRuns: runs(12, 40) },
    )
    const most = Math.max(...seen.map(({ running }) => running))
    expect(most).toBe(4)
    expect(seen.every(({ isPass, tensors }) => isPass === true && tensors !== undefined)).toBe(true)
  })

  it('computes what waits together in one run, of those whose other dimensions agree', async () => {
    const engine = await open('sequence', { maxBatchSize: 8, timeoutMicros: 1_000_000 })
    const seen = steps(engine)
    const ofLength = (length: number, value: number): Promise<Inference> =>
      infer(engine, [floats('x', [1, length, 2], Array(2 * length).fill(value))])
    const found = await Promise.all([
      ofLength(3, 1),
      ofLength(5, 2),
      ofLength(3, 4),
      ofLength(3, 8),
      ofLength(5, 3),
    ])
    expect(found.map(({ outputs }) => floatsOf(outputs[0]!))).toEqual([
      [3, 3],
      [10, 10],
      [12, 12],
      [24, 24],
      [15, 15],
    ])
    expect(seen.map(({ running }) => running).sort()).toEqual([2, 3])
  })

  it('splits what is larger than a run, and puts it together again', async () => {
    const engine = await simple()
    const seen = steps(engine)
    const values = Array.from({ length: 16 * 8 }, (_, at) => at)
    const { outputs, times } = await infer(engine, [
      integers(
        'INPUT1',
        [8, 16],
        values.map(() => 2),
      ),
      integers('INPUT0', [8, 16], values),
    ])
    expect(outputs.map(({ name, dims }) => [name, dims])).toEqual([
      ['OUTPUT0', [8, 16]],
      ['OUTPUT1', [8, 16]],
    ])
    expect(integersOf(outputs[0]!)).toEqual(values.map((value) => value + 2))
    expect(integersOf(outputs[1]!)).toEqual(values.map((value) => value - 2))
    expect(seen.map(({ running }) => running)).toEqual([3, 3, 2])
    expect(times.inferMillis).toBeGreaterThan(0)
  })

  it('gives only the outputs that are wanted, in their order', async () => {
    const engine = await simple()
    const inputs = [
      integers('INPUT0', [1, 16], Array(16).fill(5)),
      integers('INPUT1', [1, 16], Array(16).fill(1)),
    ]
    const ask = (...outputs: string[]): Promise<Inference> => engine.infer!({ id: 'x', inputs, outputs })
    const [sum, both] = await Promise.all([ask('OUTPUT0'), ask('OUTPUT1', 'OUTPUT0')])
    expect(sum.outputs.map(({ name }) => name)).toEqual(['OUTPUT0'])
    expect(both.outputs.map((output) => [output.name, integersOf(output)[0]])).toEqual([
      ['OUTPUT1', 4],
      ['OUTPUT0', 6],
    ])
    await expect(ask('OUTPUT2')).rejects.toMatchObject({ code: 'tensor_invalid', param: 'outputs' })
  })

  it('fills a fixed batch with rows of others, and pads what is missing', async () => {
    const engine = await open('fixed', { timeoutMicros: 400_000 })
    const seen = steps(engine)
    const rows = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1], [2, 0, 1]] // biome-ignore format: rows
    const alone: number[][] = []
    for (const row of rows)
      alone.push(floatsOf((await infer(engine, [floats('x', [1, 3], row)])).outputs[0]!))
    seen.length = 0
    const [one, four] = await Promise.all([
      infer(engine, [floats('x', [1, 3], rows[0]!)]),
      infer(engine, [floats('x', [4, 3], rows.slice(1).flat())]),
    ])
    expect(floatsOf(one.outputs[0]!)).toEqual(alone[0])
    expect(four.outputs[0]!.dims).toEqual([4, 2])
    expect(floatsOf(four.outputs[0]!)).toEqual(alone.slice(1).flat())
    expect(seen.map(({ running }) => running)).toEqual([4, 1])
  })

  it('keeps requests apart that came in one message, as bytes of a client’s', async () => {
    const engine = await open('single')
    const ask = (value: number): Promise<Inference> =>
      infer(engine, [
        { name: 'x', dtype: 'float32', dims: [1, 3], data: Buffer.from(Float32Array.of(value, 0, 0).buffer) },
      ])
    const found = await Promise.all(Array.from({ length: 16 }, (_, at) => ask(at + 1)))
    const [first] = found.map(({ outputs }) => floatsOf(outputs[0]!))
    for (const [at, { outputs }] of found.entries())
      for (const [column, value] of floatsOf(outputs[0]!).entries())
        expect(value).toBeCloseTo((at + 1) * first![column]!, 4)
  })

  it('computes a model without rows, or with rows that are not apart, one request at a time', async () => {
    const vectors = await open('unbatched', { timeoutMicros: 50_000 })
    const seen = steps(vectors)
    const found = await Promise.all([1, 2].map((value) => infer(vectors, [floats('x', [3], [value, 0, 0])])))
    const [first, second] = found.map(({ outputs }) => floatsOf(outputs[0]!)) as [number[], number[]]
    expect(second).toEqual(first.map((value) => 2 * value))
    expect(seen.map(({ running }) => running)).toEqual([1, 1])
    const coupled = await open('coupled')
    const [small, large] = await Promise.all([
      infer(coupled, [floats('x', [1, 3], [1, 2, 4])]),
      infer(coupled, [floats('x', [2, 3], [1, 2, 4, 8, 8, 8])]),
    ])
    expect(floatsOf(small.outputs[0]!)).toEqual([0.25, 0.5, 1])
    expect(floatsOf(large.outputs[0]!)).toEqual([0.125, 0.25, 0.5, 1, 1, 1])
    await expect(infer(vectors, [floats('x', [2, 3], Array(6).fill(1))])).rejects.toMatchObject({
      message: 'tensor "x" has the shape [2, 3], and the model takes [3]',
      param: '[0]',
    })
  })

  it('fails a request whose tensors are invalid, and serves the others in its batch', async () => {
    const engine = await open('lookup', { timeoutMicros: 10_000_000, maxBatchSize: 3 })
    const outcomes = await Promise.allSettled(
      [0, 9, 3].map((index) => infer(engine, [longs('index', [1], [index])])),
    )
    expect(outcomes[1]).toMatchObject({ reason: { code: 'inference_failed', status: 400 } })
    const served = [outcomes[0], outcomes[2]].map((outcome) =>
      floatsOf((outcome as PromiseFulfilledResult<Inference>).value.outputs[0]!),
    )
    expect(served).toEqual([
      [0, 1],
      [6, 7],
    ])
    expect(engine.snapshot()).toMatchObject({ running: 0, waiting: 0, restarts: 0 })
  })

  it('asks for tensors, and nothing else', async () => {
    const engine = await simple()
    const help = expect.stringMatching(/POST \/v2\/models\/.+\/infer/)
    await expect(engine.embed({ id: 'x', inputs: ['a'] })).rejects.toMatchObject({
      code: 'embeddings_off',
      help,
    })
    await expect(engine.tokenize('a')).rejects.toMatchObject({ code: 'tokens_off' })
    const events = engine.generate({ id: 'x', prompt: 'a', sampling: {}, stop: [] })
    await expect(events[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'generation_off',
      help,
    })
  })

  it('bounds the line, and says when to come back', async () => {
    const engine = await busy()
    const requested = Array.from({ length: 8 }, () => infer(engine, [longs('steps', [], [2000])]))
    const outcomes = await Promise.allSettled(requested)
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused).toHaveLength(5)
    for (const { reason } of refused)
      expect(reason).toMatchObject({ code: 'queue_full', status: 429, retryAfterSeconds: expect.any(Number) })
  })

  it('drops cancelled requests', async () => {
    const engine = await busy()
    const leaving = new AbortController()
    const first = infer(engine, [longs('steps', [], [20_000])])
    const left = infer(engine, [longs('steps', [], [1_000_000_000])], leaving.signal)
    leaving.abort(new Error('gone'))
    await expect(left).rejects.toThrow('gone')
    await first
    const { outputs } = await infer(engine, [longs('steps', [], [1])])
    expect(floatsOf(outputs[0]!)).toEqual([0])
  })

  onLinux('is started again when its process is killed, and serves those who waited', async () => {
    const engine = await busy()
    const lost = [1, 2].map(() => infer(engine, [longs('steps', [], [1_000_000_000])]))
    const waiting = infer(engine, [longs('steps', [], [1])])
    await expect.poll(() => engine.snapshot().running).toBe(2)
    await kill()
    for (const each of lost)
      await expect(each).rejects.toMatchObject({ code: 'engine_crashed', status: 503, retryAfterSeconds: 1 })
    expect(floatsOf((await waiting).outputs[0]!)).toEqual([0])
    expect(engine.snapshot()).toMatchObject({ state: 'ready', restarts: 1 })
  })

  it('kills a process that has work and is silent', async () => {
    const engine = await open('busy', { stallTimeoutMillis: 3000 })
    await expect(infer(engine, [longs('steps', [], [1_000_000_000])])).rejects.toMatchObject({
      code: 'engine_crashed',
    })
    expect(floatsOf((await infer(engine, [longs('steps', [], [1])])).outputs[0]!)).toEqual([0])
  })

  it('finishes what it has when it drains, and takes nothing new', async () => {
    const engine = await busy()
    const last = infer(engine, [longs('steps', [], [5000])])
    const drained = engine.drain(20_000)
    await expect(infer(engine, [longs('steps', [], [1])])).rejects.toMatchObject({ code: 'engine_closed' })
    await drained
    expect(floatsOf((await last).outputs[0]!)).toEqual([0])
  })

  it('does not become ready with what is no model', async () => {
    const engine = createOnnxEngine({ path: onnxModel('unknown-operator') })
    onTestFinished(() => engine[Symbol.asyncDispose]())
    await expect(engine.ready()).rejects.toMatchObject({
      code: 'onnx_model_unusable',
      message: expect.stringContaining('Levitate'),
    })
  })
})

/** The computing process, as soon as there is one. */
async function kill(): Promise<void> {
  const before = ticksOfModels()
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    // Other models may run briefly: to clean up, or to check for input.
    const computing = [...ticksOfModels()].find(([pid, ticks]) => ticks - (before.get(pid) ?? ticks) >= 20)
    if (computing === undefined) continue
    process.kill(computing[0], 'SIGKILL')
    return
  }
}

/** Model processes with their CPU ticks (hundredths of a second). */
function ticksOfModels(): Map<number, number> {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ')
  const isModel = (pid: string): boolean =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('onnx/process/main')
  return new Map(children.filter(isModel).map((pid) => [Number(pid), cpuTicks(pid)]))
}
