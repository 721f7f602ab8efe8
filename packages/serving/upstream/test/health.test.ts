import { ManualClock } from '@hadal/base'
import { createUpstream, type Upstream, type UpstreamOptions, type UpstreamSeams } from '@hadal/upstream'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { answering, type FakeReplica, fakeReplica, hanging, type Manner, refusing } from './fake-replica.ts'
import { turnClock } from './turn-clock.ts'

const patient = { interval: 5 }

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]()
})

async function replicas(...manners: readonly Manner[]): Promise<FakeReplica[]> {
  const fakes = await Promise.all(manners.map(fakeReplica))
  open.push(...fakes)
  return fakes
}

function upstream(
  fakes: readonly FakeReplica[],
  options: Partial<UpstreamOptions> = {},
  seams: UpstreamSeams = { clock: turnClockOfTest() },
): Upstream {
  const made = createUpstream(
    {
      id: 'm',
      replicas: fakes.map(({ url }) => url),
      routing: 'leastOutstanding',
      connectTimeoutMillis: 300_000,
      healthIntervalMillis: 20,
      healthTimeoutMillis: 200,
      ...options,
    },
    seams,
  )
  open.push(made)
  return made
}

function turnClockOfTest(): ManualClock {
  const clock = turnClock()
  onTestFinished(() => clock[Symbol.dispose]())
  return clock
}

const request = (body: Record<string, unknown> = {}) => ({
  id: 'r',
  path: '/v1/chat/completions',
  body: { model: 'm', messages: [], ...body },
})

async function ask(model: Upstream): Promise<string> {
  const answer = await model.relay(request())
  for await (const _ of answer.body);
  return answer.replica
}

describe('health checks', () => {
  it('ready waits for the first replica that is well', async () => {
    const [a] = await replicas(answering('hello'))
    a!.health = 503
    const model = upstream([a!])
    const leaving = new AbortController()
    const ready = expect(model.ready(leaving.signal)).rejects.toMatchObject({ code: 'upstream_unavailable' })
    await expect.poll(() => model.snapshot().state, patient).toBe('unavailable')
    leaving.abort()
    await ready
    a!.health = 200
    await model.ready()
    expect(model.snapshot()).toMatchObject({ state: 'ready', places: 64 })
  })

  it('an unhealthy replica gets no requests until it recovers', async () => {
    const [a, b] = await replicas(answering('a'), answering('b'))
    const model = upstream([a!, b!])
    await model.ready()
    a!.health = 500
    const health = (): string[] => model.snapshot().replicas.map((each) => each.health)
    await expect.poll(health, patient).toContain('down')
    for (let count = 0; count < 6; count += 1) expect(await ask(model)).toBe(b!.url)
    a!.health = 404
    await expect.poll(health, patient).toEqual(['up', 'up'])
    expect(new Set([await ask(model), await ask(model), await ask(model)]).size).toBe(2)
  })

  it('requests without a byte leave a replica whose checks hang, however long they may take', async () => {
    const [a, b] = await replicas(hanging, answering('b'))
    const model = upstream([a!, b!], { retries: 0 })
    await model.ready()
    await expect.poll(() => model.snapshot().places, patient).toBe(128)
    const requested = Array.from({ length: 8 }, () => ask(model))
    await expect.poll(() => a!.requested.length, patient).toBeGreaterThan(0)
    a!.health = undefined
    for (const replica of await Promise.all(requested)) expect(replica).toBe(b!.url)
  })
})

it('the circuit of a replica that fails opens, and closes when it answers again', async () => {
  const [a, b] = await replicas(refusing(502, 'down'), answering('b'))
  const clock = new ManualClock()
  const model = upstream([a!, b!], { healthPath: null, breaker: { failures: 2, openMillis: 300 } }, { clock })
  for (let count = 0; count < 10; count += 1) expect(await ask(model)).toBe(b!.url)
  expect(a!.requested.length).toBe(2)
  const breakers = (): string[] => model.snapshot().replicas.map(({ breaker }) => breaker)
  expect(breakers()).toContain('open')
  a!.manner = answering('a')
  clock.advance(300)
  await expect
    .poll(async () => {
      await ask(model)
      return breakers()
    }, patient)
    .toEqual(['closed', 'closed'])
})

it('a replica that was restarted is asked as soon as it is well, however long its circuit would be open', async () => {
  const [a, b] = await replicas(answering('a'), answering('b'))
  const model = upstream([a!, b!], { breaker: { failures: 1, openMillis: 60_000 } })
  await model.ready()
  await expect.poll(() => model.snapshot().places, patient).toBe(128)
  await a!.die()
  for (let count = 0; count < 4; count += 1) expect(await ask(model)).toBe(b!.url)
  await expect
    .poll(() => model.snapshot().replicas.some(({ health }) => health === 'down'), patient)
    .toBe(true)
  await a!.revive()
  await expect.poll(() => ask(model), patient).toBe(a!.url)
})

it('without a healthy replica, requests are rejected at once with Retry-After', async () => {
  const [a] = await replicas(answering('a'))
  await a!.die()
  const model = upstream(
    [a!],
    { healthPath: null, breaker: { failures: 1, openMillis: 4000 }, retries: 0 },
    { clock: new ManualClock() },
  )
  await expect(ask(model)).rejects.toMatchObject({ code: 'upstream_unavailable', status: 503 })
  const refused = model.refusal()
  expect(refused).toMatchObject({ code: 'upstream_unavailable' })
  expect(refused!.retryAfterSeconds).toBe(4)
  expect(refused!.message).not.toContain('127.0.0.1')
})

it('a drained upstream takes nothing new and ends what it has', async () => {
  const [a] = await replicas(answering('one two three', { betweenMillis: 30 }))
  const model = upstream([a!])
  const answer = await model.relay(request({ stream: true }))
  let isDrained = false
  const drained = model.drain().then(() => {
    isDrained = true
  })
  await expect(ask(model)).rejects.toMatchObject({ code: 'upstream_unavailable' })
  await answer.body.next()
  expect(isDrained).toBe(false)
  for await (const _ of answer.body);
  await drained
  expect(model.snapshot().state).toBe('draining')
})
