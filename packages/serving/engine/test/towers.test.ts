/** A dual-encoder model behind the `Engine` interface, in its own process: a fake one, without a library. */

import { readFileSync } from 'node:fs'
import { programEntry } from '@hadal/base'
import {
  createTowersEngine,
  type Embeddings,
  type EmbedInput,
  type Engine,
  type Scheduling,
  type StepReport,
  type TowersEngineOptions,
} from '@hadal/engine'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runs } from '../../../kernel/base/test/slow-tests.ts'

const onLinux = it.runIf(process.platform === 'linux')

const program = programEntry(import.meta.url, './fake-towers')

async function open(options: Partial<TowersEngineOptions> = {}): Promise<Engine> {
  const engine = createTowersEngine({ folder: import.meta.dirname, modelId: 'clip', program, ...options })
  onTestFinished(() => engine[Symbol.asyncDispose]())
  await engine.ready()
  return engine
}

const image = (colour: number): EmbedInput => ({ image: Uint8Array.from([...Buffer.from('IMG'), colour]) })
const file = (bytes: string): EmbedInput => ({ image: Buffer.from(bytes) })
const embed = (
  engine: Engine,
  inputs: readonly EmbedInput[],
  how: Scheduling & { readonly signal?: AbortSignal } = {},
): Promise<Embeddings> => {
  const { signal, ...scheduling } = how
  return engine.embed({ id: 'x', inputs, ...scheduling }, signal)
}
const numbers = ({ vectors }: Embeddings): number[][] => vectors.map(([vector]) => [...vector!])
const ofText = (text: string): number[] => [
  3 + [...text].reduce((sum, letter) => sum + letter.codePointAt(0)!, 0),
  text.length + 2,
  0,
  1,
]
const ofImage = (colour: number): number[] => [48 * colour, 48, 1, 1]

function steps(engine: Engine): StepReport[] {
  const seen: StepReport[] = []
  engine.onStep((report) => void seen.push(report))
  return seen
}

describe('an engine of towers', () => {
  it('says what its model is', async () => {
    const { model, choices } = await open()
    expect(model).toMatchObject({
      id: 'clip',
      can: { generate: false, embed: true, rerank: false },
      images: { size: 4, tokens: 5 },
      embeddingLength: 4,
    })
    expect(choices).toContain('towers: fake (for tests)')
  })

  it('embeds texts and images in one request, each in its place, with what they count as', async () => {
    const engine = await open()
    const inputs = [image(3), 'ab', image(5), '', 'abcdef']
    const found = await embed(engine, inputs)
    expect(numbers(found)).toEqual([ofImage(3), ofText('ab'), ofImage(5), ofText(''), ofText('abcdef')])
    expect(found.tokens).toEqual([5, 4, 5, 2, 8])
  })

  it('gives the same whatever is in a pass with them', async () => {
    const engine = await open({ maxBatchSize: 3 })
    const input = fc.oneof(
      fc.integer({ min: 0, max: 255 }),
      fc.string({ maxLength: 6, unit: 'grapheme-ascii' }),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(input, { minLength: 1, maxLength: 7 }), { maxLength: 6 }),
        async (given) => {
          const found = await Promise.all(
            given.map((each) =>
              embed(
                engine,
                each.map((one) => (typeof one === 'number' ? image(one) : one)),
              ),
            ),
          )
          expect(found.map(numbers)).toEqual(
            given.map((each) => each.map((one) => (typeof one === 'number' ? ofImage(one) : ofText(one)))),
          )
        },
      ),
      { numRuns: runs(12, 40) },
    )
  })

  it('computes what waits together, images and texts in passes of their own', async () => {
    const engine = await open({ maxBatchSize: 8, timeoutMicros: 500_000 })
    const seen = steps(engine)
    const requested = ['a', 'b', 'c', 'd'].map((text) => embed(engine, [text]))
    await Promise.all([...requested, embed(engine, [image(1), image(2)])])
    expect(seen.filter(({ tower }) => tower === 'text').map(({ running }) => running)).toEqual([4])
    expect(seen.filter(({ tower }) => tower === 'image').reduce((sum, { running }) => sum + running, 0)).toBe(
      2,
    )
    expect(seen.every(({ isPass }) => isPass === true)).toBe(true)
  })

  it('lets one who brings little go before the rest of one who brings much', async () => {
    const engine = await open({ maxBatchSize: 2 })
    const ended: string[] = []
    const much = Array.from({ length: 40 }, (_, at) => image(at))
    const big = embed(engine, much).then(() => ended.push('big'))
    const small = embed(engine, [image(1)]).then(() => ended.push('small'))
    await Promise.all([big, small])
    expect(ended).toEqual(['small', 'big'])
  })

  it('names the input that is wrong, and serves the others', async () => {
    const engine = await open()
    const good = embed(engine, [image(1)])
    await expect(embed(engine, ['a', file('BAD'), image(2)])).rejects.toMatchObject({
      code: 'image_invalid',
      message: 'the image in input 1 is none',
      param: '[1]',
    })
    await expect(embed(engine, ['ab', 'abcdefg'])).rejects.toMatchObject({
      code: 'context_length_exceeded',
      message: expect.stringContaining('input 1'),
    })
    await expect(embed(engine, ['x'.repeat(1_000_000)])).rejects.toMatchObject({
      code: 'context_length_exceeded',
      message: 'the input is too large: it has at least 257 tokens, and the model takes 8',
    })
    await expect(embed(engine, [[1, 2]])).rejects.toMatchObject({ code: 'tokens_off', status: 501 })
    await expect(engine.tokenize('a')).rejects.toMatchObject({ code: 'tokens_off' })
    expect(numbers(await good)).toEqual([ofImage(1)])
  })

  it('generates and ranks nothing', async () => {
    const engine = await open()
    const sampling = {}
    const events = engine.generate({ id: 'x', prompt: 'a', sampling, stop: [] })
    await expect(events[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'generation_off' })
    await expect(engine.rerank({ id: 'x', query: 'a', documents: ['b'] })).rejects.toMatchObject({
      code: 'reranking_off',
    })
  })

  it('drops aborted requests', async () => {
    const engine = await open({ maxBatchSize: 1 })
    const leaving = new AbortController()
    const left = embed(engine, [file('SLOW1'), image(1)], { signal: leaving.signal })
    await new Promise((resolve) => setTimeout(resolve, 20))
    leaving.abort(new Error('gone'))
    await expect(left).rejects.toThrow('gone')
    expect(numbers(await embed(engine, [image(2)]))).toEqual([ofImage(2)])
    expect(engine.snapshot()).toMatchObject({ running: 0, waiting: 0 })
  })

  it('bounds the line, and says when to come back', async () => {
    const engine = await open({ maxBatchSize: 1, maxQueue: 1 })
    const requested = Array.from({ length: 8 }, () => embed(engine, [file('SLOW1')]))
    const outcomes = await Promise.allSettled(requested)
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused).toHaveLength(5)
    for (const { reason } of refused)
      expect(reason).toMatchObject({ code: 'queue_full', status: 429, retryAfterSeconds: expect.any(Number) })
  })

  it('is started again when its process dies, and those who waited are served', async () => {
    const engine = await open({ maxBatchSize: 1 })
    const first = embed(engine, [file('DIES')])
    const beside = embed(engine, [file('SLOW1')])
    const waiting = embed(engine, ['abc'])
    for (const lost of [first, beside])
      await expect(lost).rejects.toMatchObject({
        code: 'engine_crashed',
        status: 503,
        retryAfterSeconds: expect.any(Number),
      })
    expect(numbers(await waiting)).toEqual([ofText('abc')])
    expect(engine.snapshot()).toMatchObject({ state: 'ready', restarts: 1 })
  })

  onLinux('has another process stand by, where it is told to', async () => {
    const engine = await open({ standby: true })
    const standing = (): Promise<number> => countOf('fake-towers')
    await expect.poll(standing).toBe(2)
    await expect(embed(engine, [file('DIES')])).rejects.toMatchObject({ code: 'engine_crashed' })
    expect(numbers(await embed(engine, ['abc']))).toEqual([ofText('abc')])
  })

  it('finishes what it has when it drains, and takes nothing new', async () => {
    const engine = await open()
    const last = embed(engine, [image(7)])
    const drained = engine.drain(10_000)
    await expect(embed(engine, ['a'])).rejects.toMatchObject({ code: 'engine_closed' })
    await drained
    expect(numbers(await last)).toEqual([ofImage(7)])
  })
})

/** Children of this process that run a program. */
async function countOf(program: string): Promise<number> {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ')
  return children.filter(
    (pid) => pid !== '' && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(program),
  ).length
}
