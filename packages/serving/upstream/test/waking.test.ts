/** Requests for a model without any replica: they are held until one is available. */

import { type Clock, ManualClock, systemClock } from '@hadal/base'
import {
  createUpstream,
  type Upstream,
  type UpstreamOptions,
  type UpstreamSeams,
  type WakeRecord,
} from '@hadal/upstream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fakeApiServer, slice } from './fake-api-server.ts'
import { answering, type FakeReplica, fakeReplica, hanging, type Manner, refusing } from './fake-replica.ts'

const patient = { interval: 5 }

function upstream(options: Partial<UpstreamOptions>, seams?: UpstreamSeams): Upstream {
  const made = createUpstream(
    { id: 'm', healthIntervalMillis: 20, holdMillis: 600_000, routing: 'leastOutstanding', ...options },
    seams,
  )
  onTestFinished(() => made[Symbol.asyncDispose]())
  return made
}

async function replica(manner: Manner = answering('hello')): Promise<FakeReplica> {
  const fake = await fakeReplica(manner)
  onTestFinished(() => fake[Symbol.asyncDispose]())
  return fake
}

async function ask(
  model: Upstream,
  signal?: AbortSignal,
  scheduling = {},
): Promise<{ readonly replica: string; readonly heldMillis: number }> {
  const request = { id: 'r', path: '/v1/chat/completions', body: { model: 'm', messages: [] }, scheduling }
  const answer = await model.relay(request, signal)
  for await (const _ of answer.body);
  return answer
}

/** A Kubernetes service without endpoints until the test adds some. */
async function sleeping(
  options: Partial<UpstreamOptions> = {},
  records: readonly WakeRecord[] = [],
  clock: Clock = systemClock,
) {
  const api = await fakeApiServer()
  onTestFinished(() => api[Symbol.asyncDispose]())
  const kept: (readonly WakeRecord[])[] = []
  const wakes = { read: () => records, write: (all: readonly WakeRecord[]) => void kept.push(all) }
  const model = upstream(
    { discover: { kubernetes: { service: 'vllm', port: 'http' } }, ...options },
    { kubernetes: api.access, wakes, clock },
  )
  await expect.poll(() => api.watches.size, patient).toBe(1)
  return { api, model, kept }
}

describe('a model that sleeps', () => {
  it('has requests wait until its replica is well; what that took is kept', async () => {
    const a = await replica()
    const { api, model, kept } = await sleeping()
    expect(model.snapshot()).toMatchObject({ state: 'asleep', held: 0, wake: { wakes: 0 } })
    const requested = [ask(model), ask(model)]
    await expect.poll(() => model.snapshot().held, patient).toBe(2)
    expect(model.snapshot()).toMatchObject({ state: 'asleep', waiting: 2, running: 0, places: 0 })
    api.notify('ADDED', slice('one', [a.port], false))
    api.notify('MODIFIED', slice('one', [a.port]))
    for (const { replica, heldMillis } of await Promise.all(requested)) {
      expect(replica).toBe(a.url)
      expect(heldMillis).toBeGreaterThan(0)
    }
    await expect.poll(() => kept.length, patient).toBe(1)
    const [[record] = []] = kept
    expect(record!.wholeMillis).toBeGreaterThanOrEqual(record!.startMillis!)
    expect(model.snapshot()).toMatchObject({ state: 'ready', held: 0, wake: { wakes: 1, last: record } })
    expect((await ask(model)).heldMillis).toBe(0)
  })

  it('says when it will be there, by what wakes took before', async () => {
    const records = [30_000, 40_000, 50_000].map((wholeMillis) => ({ at: 0, wholeMillis }))
    const { model } = await sleeping({ maxQueue: 1 }, records)
    expect(model.snapshot().wake.estimate).toMatchObject({ likelyMillis: 40_000, latestMillis: 48_000 })
    ask(model).catch(() => {})
    await expect.poll(() => model.snapshot().held, patient).toBe(1)
    const refused = await ask(model).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'upstream_busy', status: 429 })
    const { retryAfterSeconds } = refused as { retryAfterSeconds: number }
    expect(retryAfterSeconds).toBeGreaterThan(1)
    expect(retryAfterSeconds).toBeLessThanOrEqual(50)
    await expect(ask(model, undefined, { deadlineMillis: 5000 })).rejects.toMatchObject({
      code: 'upstream_late',
    })
  })

  it('is not waited for longer than holdMillis', async () => {
    const { model } = await sleeping({ holdMillis: 150, wakeMillis: 20 })
    await expect(ask(model)).rejects.toMatchObject({
      code: 'upstream_unavailable',
      status: 503,
      message: expect.stringMatching(
        /^m is unavailable: after [\d.]+ m?s of waiting, no replica was found; it wakes, and takes longer than ever before$/,
      ),
    })
    expect(model.snapshot()).toMatchObject({ state: 'asleep', waiting: 0 })
  })

  it('is left by clients that leave, and wakes for the others', async () => {
    const a = await replica()
    const { api, model } = await sleeping()
    const leaving = new AbortController()
    const gone = ask(model, leaving.signal)
    const stays = ask(model)
    await expect.poll(() => model.snapshot().held, patient).toBe(2)
    leaving.abort(new Error('the client left'))
    await expect(gone).rejects.toThrow('the client left')
    expect(model.snapshot().held).toBe(1)
    api.notify('ADDED', slice('one', [a.port]))
    expect((await stays).replica).toBe(a.url)
    expect(a.requested).toHaveLength(1)
  })

  it('loses no request to a replica that is reported ready but does not accept connections yet', async () => {
    const a = await replica()
    await a.die()
    const { api, model } = await sleeping({ retries: 0 })
    const requested = [ask(model), ask(model), ask(model)]
    await expect.poll(() => model.snapshot().held, patient).toBe(3)
    api.notify('ADDED', slice('one', [a.port]))
    await expect.poll(() => model.snapshot().replicas[0]?.health, patient).toBe('down')
    await expect.poll(() => model.snapshot().waiting, patient).toBe(3)
    await a.revive()
    for (const { replica } of await Promise.all(requested)) expect(replica).toBe(a.url)
  })

  it('learns from an engine how long its start took', async () => {
    const a = await replica()
    a.metrics = [
      'hadal_start_seconds{model_name="other",phase="all"} 99',
      'hadal_start_seconds{model_name="m",phase="model"} 11',
      'hadal_start_seconds{model_name="m",phase="all"} 12.5',
    ].join('\n')
    const { api, model } = await sleeping()
    api.notify('ADDED', slice('one', [a.port]))
    await model.ready()
    await expect
      .poll(async () => {
        api.notify('DELETED', slice('one', [a.port]))
        await expect.poll(() => model.snapshot().state, patient).toBe('asleep')
        const { estimate } = model.snapshot().wake
        if (estimate !== undefined) return estimate
        api.notify('ADDED', slice('one', [a.port]))
        await model.ready()
        return undefined
      }, patient)
      .toMatchObject({ likelyMillis: 12_500, basis: 'reported' })
  })
})

describe('those who were held', () => {
  it('do not all go to the first replica that comes up', async () => {
    const [a, b] = [await replica(hanging), await replica(hanging)]
    const clock = new ManualClock()
    const { api, model } = await sleeping({ maxConcurrentPerReplica: 32 }, [], clock)
    const leaving = new AbortController()
    const requested = Array.from({ length: 40 }, () => ask(model, leaving.signal).catch(() => {}))
    await expect.poll(() => model.snapshot().held, patient).toBe(40)
    const running = () => model.snapshot().replicas.map((each) => each.outstanding)
    api.notify('ADDED', slice('one', [a.port]))
    await expect.poll(running, patient).toEqual([4])
    clock.advance(1000)
    await expect.poll(running, patient).toEqual([8])
    api.notify('ADDED', slice('two', [b.port]))
    await expect.poll(() => running().sort(), patient).toEqual([4, 8])
    for (let second = 0; second < 3; second += 1) {
      clock.advance(1000)
      // Requests are released once the queue is notified.
      await expect.poll(() => model.snapshot().running, patient).toBeGreaterThan(12 + 12 * second)
    }
    expect(model.snapshot().running).toBe(40)
    expect(Math.min(...running())).toBeGreaterThanOrEqual(8)
    leaving.abort(new Error('enough'))
    await Promise.all(requested)
  })

  it('are refused when the gateway closes', async () => {
    const { model } = await sleeping()
    const requested = ask(model)
    await expect.poll(() => model.snapshot().held, patient).toBe(1)
    const refused = expect(requested).rejects.toMatchObject({ code: 'upstream_unavailable' })
    await model[Symbol.asyncDispose]()
    await refused
  })
})

it('a gateway that begins while its replica is well has seen no wake', async () => {
  const a = await replica()
  const model = upstream({ replicas: [a.url] })
  await Promise.all([ask(model), ask(model), ask(model)])
  await expect.poll(() => model.snapshot().state, patient).toBe('ready')
  expect(model.snapshot().wake).toMatchObject({ wakes: 0, last: undefined })
})

it('a listed replica that is down is waited for, too', async () => {
  const a = await replica()
  await a.die()
  const model = upstream({ replicas: [a.url] })
  await expect.poll(() => model.snapshot().replicas[0]!.health, patient).toBe('down')
  const requested = ask(model)
  await expect.poll(() => model.snapshot().held, patient).toBe(1)
  await a.revive()
  expect((await requested).replica).toBe(a.url)
})

it('a replica that takes requests while it loads, and refuses them, loses none of those who wait for it', async () => {
  const a = await replica(refusing(503, { error: { message: 'loading' } }))
  a.health = 503
  const model = upstream({ replicas: [a.url] })
  const requested = Array.from({ length: 10 }, () => ask(model))
  await expect.poll(() => model.snapshot().held, patient).toBe(10)
  a.manner = answering('hello')
  a.health = 200
  for (const { replica } of await Promise.all(requested)) expect(replica).toBe(a.url)
})
