import { createUpstream, type RelayAnswer, type Upstream, type UpstreamOptions } from '@hadal/upstream'
import { afterEach, describe, expect, it } from 'vitest'
import {
  answering,
  breaking,
  breakingAfter,
  type FakeReplica,
  fakeReplica,
  hanging,
  type Manner,
  refusing,
  sleep,
} from './fake-replica.ts'
import { turnClock } from './turn-clock.ts'

const open: (AsyncDisposable | Disposable)[] = []
afterEach(async () => {
  for (const each of open.splice(0).reverse())
    await (Symbol.asyncDispose in each ? each[Symbol.asyncDispose]() : each[Symbol.dispose]())
})

async function replicas(...manners: readonly Manner[]): Promise<FakeReplica[]> {
  const fakes = await Promise.all(manners.map(fakeReplica))
  open.push(...fakes)
  return fakes
}

function upstream(fakes: readonly FakeReplica[], options: Partial<UpstreamOptions> = {}): Upstream {
  const clock = turnClock()
  const made = createUpstream(
    {
      id: 'm',
      model: 'theirs',
      replicas: fakes.map(({ url }) => url),
      healthPath: null,
      routing: 'leastOutstanding',
      connectTimeoutMillis: 300_000,
      ...options,
    },
    { clock },
  )
  open.push(clock, made)
  return made
}

const chat = (body: Record<string, unknown> = {}) => ({
  id: 'r1',
  path: '/v1/chat/completions',
  body: { model: 'm', messages: [{ role: 'user', content: 'hi' }], ...body },
})

async function textOf(answer: RelayAnswer): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of answer.body) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

describe('handing through', () => {
  it('swaps the model and leaves the rest as it is', async () => {
    const [fake] = await replicas(answering('hello'))
    const body = { temperature: 0.5, seed: 4, tools: [{ type: 'function' }], zeta: null }
    const answer = await upstream([fake!]).relay(chat(body))
    expect(answer.status).toBe(200)
    expect(JSON.parse(await textOf(answer)).choices[0].message.content).toBe('hello')
    expect(fake!.requested[0]!.path).toBe('/v1/chat/completions')
    expect(fake!.requested[0]!.body).toEqual({ ...chat(body).body, model: 'theirs' })
    expect(await answer.usage).toEqual({
      promptTokens: 7,
      completionTokens: 3,
      cachedTokens: 4,
      reasoningTokens: 0,
    })
  })

  it('asks a stream for its usage and keeps that event from the client', async () => {
    const [fake] = await replicas(answering('one two'))
    const answer = await upstream([fake!]).relay(chat({ stream: true }))
    const text = await textOf(answer)
    expect(text.match(/data: /g)).toHaveLength(3)
    expect(text).not.toContain('usage')
    expect(fake!.requested[0]!.body.stream_options).toEqual({ include_usage: true })
    expect(await answer.usage).toMatchObject({ promptTokens: 7, completionTokens: 3 })
  })

  it('returns usage to a client that requested it', async () => {
    const [fake] = await replicas(answering('one two'))
    const answer = await upstream([fake!]).relay(
      chat({ stream: true, stream_options: { include_usage: true } }),
    )
    expect(await textOf(answer)).toContain('"usage"')
    expect(await answer.usage).toMatchObject({ promptTokens: 7 })
  })
})

describe('before the first byte', () => {
  it.each([
    ['breaks the connection', breaking],
    ['answers 502', refusing(502, 'bad gateway')],
    ['answers 503', refusing(503, { error: { message: 'loading' } })],
    ['answers 429', refusing(429, { error: 'too many' }, { 'retry-after': '30' })],
    ['hangs', hanging],
  ])('another replica is asked when one %s', async (_what, manner) => {
    const [bad, good] = await replicas(manner, answering('hello'))
    const model = upstream([bad!, good!], { firstByteTimeoutMillis: 200, answerTimeoutMillis: 200 })
    for (let count = 0; count < 3; count += 1) {
      const answer = await model.relay(chat({ stream: true }))
      expect(await textOf(answer)).toContain('hello')
      expect(answer.replica).toBe(good!.url)
    }
    expect(bad!.requested.length).toBeGreaterThan(0)
  })

  it('a replica that is gone costs no retry', async () => {
    const fakes = await replicas(hanging, hanging, hanging, hanging, answering('hello'))
    await Promise.all(fakes.slice(0, 4).map((fake) => fake.die()))
    const model = upstream(fakes, { retries: 0 })
    expect(await textOf(await model.relay(chat()))).toContain('hello')
  })
})

describe('a replica that has too much to do', () => {
  it('is waited for when it says that it takes only a moment', async () => {
    const [fake] = await replicas(refusing(429, { error: 'too many' }, { 'retry-after': '0.2' }))
    setTimeout(() => {
      fake!.manner = answering('hello')
    }, 100)
    expect(await textOf(await upstream([fake!]).relay(chat()))).toContain('hello')
  })

  it('is paused for its Retry-After, which the client receives', async () => {
    const [fake] = await replicas(refusing(429, { error: { message: 'slow down' } }, { 'retry-after': '30' }))
    const model = upstream([fake!])
    const error = { code: 'upstream_refused', status: 429, message: 'slow down', retryAfterSeconds: 30 }
    await expect(model.relay(chat())).rejects.toMatchObject(error)
    await expect(model.relay(chat())).rejects.toMatchObject({ code: 'upstream_unavailable', status: 503 })
    expect(model.refusal()?.retryAfterSeconds).toBeGreaterThan(20)
    expect(fake!.requested).toHaveLength(1)
  })
})

it.each([400, 404, 422, 500])(
  'status %d is reported to the client and not retried elsewhere',
  async (status) => {
    const fakes = await replicas(
      ...Array.from({ length: 2 }, () => refusing(status, { error: { message: 'no' } })),
    )
    await expect(upstream(fakes).relay(chat())).rejects.toMatchObject({
      code: status === 500 ? 'upstream_failed' : 'upstream_refused',
      status: status === 500 ? 502 : status,
    })
    expect(fakes[0]!.requested.length + fakes[1]!.requested.length).toBe(1)
  },
)

it('no other replica is tried after the first byte', async () => {
  const fakes = await replicas(breakingAfter('one'), breakingAfter('one'))
  const model = upstream(fakes)
  const answer = await model.relay(chat({ stream: true }))
  await expect(textOf(answer)).rejects.toMatchObject({ code: 'upstream_interrupted' })
  expect(fakes[0]!.requested.length + fakes[1]!.requested.length).toBe(1)
  expect(model.snapshot()).toMatchObject({ interrupted: 1, running: 0, retried: 0 })
})

it('a client that leaves takes the request upstream with it', async () => {
  const [fake] = await replicas(answering('a b c d e f g h', { betweenMillis: 50 }))
  const model = upstream([fake!])
  const leaving = new AbortController()
  const answer = await model.relay(chat({ stream: true }), leaving.signal)
  await answer.body.next()
  leaving.abort(new Error('gone'))
  await expect(textOf(answer)).rejects.toThrow('gone')
  await expect.poll(() => fake!.requested[0]!.wasLeft).toBe(true)
  expect(model.snapshot().running).toBe(0)
})

it('hedges: the second one answers and the first is left', async () => {
  const [slow, fast] = await replicas(hanging, answering('hello'))
  const model = upstream([slow!, fast!], { hedgeAfterMillis: 50 })
  const answers = [await model.relay(chat()), await model.relay(chat())]
  for (const answer of answers) expect(await textOf(answer)).toContain('hello')
  expect(slow!.requested.length).toBeGreaterThan(0)
  await expect.poll(() => slow!.requested.every(({ wasLeft }) => wasLeft)).toBe(true)
  expect(model.snapshot().replicas.map(({ outstanding }) => outstanding)).toEqual([0, 0])
  await sleep(0)
})
