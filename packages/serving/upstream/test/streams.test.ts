import { createUpstream, type Upstream, type UpstreamOptions } from '@hadal/upstream'
import { afterEach, describe, expect, it } from 'vitest'
import { answering, chunkOf, type FakeReplica, fakeReplica, type Manner, sleep } from './fake-replica.ts'
import { turnClock } from './turn-clock.ts'

const open: (AsyncDisposable | Disposable)[] = []
afterEach(async () => {
  for (const each of open.splice(0).reverse())
    await (Symbol.asyncDispose in each ? each[Symbol.asyncDispose]() : each[Symbol.dispose]())
})

async function serving(
  manner: Manner,
  options: Partial<UpstreamOptions> = {},
): Promise<{ readonly fake: FakeReplica; readonly model: Upstream }> {
  const fake = await fakeReplica(manner)
  const clock = turnClock()
  const model = createUpstream(
    { id: 'm', replicas: [fake.url], healthPath: null, connectTimeoutMillis: 300_000, ...options },
    { clock },
  )
  open.push(clock, fake, model)
  return { fake, model }
}

const streaming = (body: Record<string, unknown> = {}) => ({
  id: 'r',
  path: '/v1/chat/completions',
  body: { model: 'm', messages: [], stream: true, ...body },
})

describe('a slow reader', () => {
  it.each([true, false])(
    'slows the upstream down instead of filling memory (asking usage: %s)',
    async (askUsage) => {
      let written = 0
      const piece = chunkOf('x'.repeat(16_000))
      const endless: Manner = async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        while (!response.destroyed) {
          if (response.writableNeedDrain) await sleep(5)
          else {
            response.write(piece)
            written += piece.length
            await Promise.resolve()
          }
        }
      }
      const { model } = await serving(endless, { askUsage, idleTimeoutMillis: 100 })
      const answer = await model.relay(streaming())
      const before = process.memoryUsage().arrayBuffers
      await answer.body.next()
      // Until writing has stopped for longer than the idle timeout: backpressure is no upstream timeout.
      for (let soFar = -1; soFar !== written; ) {
        soFar = written
        await sleep(400)
        expect(written).toBeLessThan(64_000_000)
      }
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64_000_000)
      for (let count = 0; count < 50; count += 1) expect((await answer.body.next()).done).toBe(false)
      await answer.body.return?.()
      expect(model.snapshot().running).toBe(0)
    },
  )
})

describe('silence', () => {
  it('between two bytes ends an answer after a while', async () => {
    const { model, fake } = await serving(
      (response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).write(chunkOf('a')),
      { idleTimeoutMillis: 50 },
    )
    const answer = await model.relay(streaming())
    await expect(
      (async () => {
        for await (const _ of answer.body);
      })(),
    ).rejects.toMatchObject({
      code: 'upstream_interrupted',
      message: expect.stringContaining('no byte came for 50 ms'),
    })
    await expect.poll(() => fake.requested[0]!.wasLeft).toBe(true)
    expect(await answer.usage).toBeUndefined()
  })

  it('before the first byte is upstream_timeout, with the limit that was set', async () => {
    const { model } = await serving(() => {}, { firstByteTimeoutMillis: 50, retries: 1 })
    await expect(model.relay(streaming())).rejects.toMatchObject({ code: 'upstream_timeout', status: 504 })
    expect(model.snapshot()).toMatchObject({ running: 0, waiting: 0, retried: 1 })
  })

  it('of an answer that is not streamed has a limit of its own', async () => {
    const { model } = await serving(answering('late', { beforeMillis: 150 }), { firstByteTimeoutMillis: 50 })
    const answer = await model.relay(streaming({ stream: false }))
    for await (const _ of answer.body);
    expect((await answer.usage)?.completionTokens).toBe(3)
  })
})

describe('clients that leave', () => {
  it('while queued are never forwarded', async () => {
    const { model, fake } = await serving(() => {}, { maxConcurrentPerReplica: 1 })
    const [first, second] = [new AbortController(), new AbortController()]
    const requested = [first, second].map(({ signal }) => model.relay(streaming(), signal))
    for (const each of requested) each.catch(() => {})
    await expect.poll(() => fake.requested.length).toBe(1)
    second.abort(new Error('gone'))
    await expect(requested[1]).rejects.toThrow('gone')
    first.abort(new Error('gone too'))
    await expect(requested[0]).rejects.toThrow('gone too')
    await expect.poll(() => fake.requested[0]!.wasLeft).toBe(true)
    expect(fake.requested).toHaveLength(1)
    expect(model.snapshot()).toMatchObject({ running: 0, waiting: 0, relayed: 0 })
    expect(model.snapshot().replicas[0]).toMatchObject({ breaker: 'closed', failures: 0, outstanding: 0 })
  })

  it('by no longer reading, end the request upstream', async () => {
    const { model, fake } = await serving(answering('a b c d e', { betweenMillis: 20 }))
    for await (const _ of (await model.relay(streaming())).body) break
    await expect.poll(() => fake.requested[0]!.wasLeft).toBe(true)
    expect(model.snapshot().running).toBe(0)
  })
})

it('huge bodies go both ways', async () => {
  const big = 'é'.repeat(5_000_000)
  const { model, fake } = await serving((response, { body }) => {
    const text = (body.messages as { content: string }[])[0]!.content
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ text, usage: { prompt_tokens: 1, completion_tokens: 2 } }))
  })
  const body = { stream: false, messages: [{ role: 'user', content: big }] }
  const answer = await model.relay(streaming(body))
  let bytes = 0
  for await (const piece of answer.body) bytes += piece.length
  expect(bytes).toBeGreaterThan(10_000_000)
  expect(fake.requested[0]!.headers['content-length']).toBe(
    String(Buffer.byteLength(JSON.stringify(fake.requested[0]!.body))),
  )
  expect(await answer.usage).toMatchObject({ promptTokens: 1, completionTokens: 2 })
})

it('more than there are places and room for is refused with upstream_busy', async () => {
  const { model } = await serving(answering('a b', { betweenMillis: 30 }), {
    maxConcurrentPerReplica: 2,
    maxQueue: 3,
  })
  const requested = Array.from({ length: 8 }, async () => {
    for await (const _ of (await model.relay(streaming())).body);
  })
  const ends = await Promise.allSettled(requested)
  const refused = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as { code: string }] : []))
  expect(refused.map(({ code }) => code)).toEqual(['upstream_busy', 'upstream_busy', 'upstream_busy'])
})

it('no credential is in a log or an error', async () => {
  const { createLogger } = await import('@hadal/base')
  const lines: string[] = []
  const logger = createLogger(
    (_level, message, fields) => lines.push(`${message} ${JSON.stringify(fields)}`),
    'debug',
  )
  const fake = await fakeReplica((response, { headers }) => {
    response
      .writeHead(500)
      .end(JSON.stringify({ error: { message: `bad: ${headers.authorization} ${headers['x-own']}` } }))
  })
  open.push(fake)
  const model = createUpstream(
    {
      id: 'm',
      replicas: [fake.url],
      healthPath: null,
      apiKey: 'key-of-ours',
      headers: { 'x-own': 'own-secret' },
    },
    { logger },
  )
  open.push(model)
  const error = await model.relay(streaming()).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'upstream_failed', status: 502 })
  const all = `${lines.join()} ${JSON.stringify(error)} ${(error as Error).stack}`
  expect(lines.length).toBeGreaterThan(0)
  for (const secret of ['key-of-ours', 'own-secret']) expect(all).not.toContain(secret)
  expect(fake.requested[0]!.headers.authorization).toBe('Bearer key-of-ours')
})
