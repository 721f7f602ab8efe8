import { systemClock } from '@hadal/base'
import { createFakeEngine, type Engine } from '@hadal/engine'
import { type LiveState, SseDecoder, type SseEvent, type StepsEvent } from '@hadal/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { createServer, type HadalServer, type ServerOptions } from '../create-server.ts'
import { RequestNames } from './request-names.ts'
import { StepClock } from './step-clock.ts'
import { StepFeed } from './step-feed.ts'

let server: HadalServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

async function serve(engine: Engine, options: Partial<ServerOptions> = {}): Promise<string> {
  server = createServer({ engines: [engine], ...options })
  const { url } = await server.listen()
  await server.loaded()
  return url
}

const ask = (url: string, more: object = {}): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'hello' }], ...more }),
  })

/** Reads events until one matches. */
async function untilEvent(
  url: string,
  isWanted: (event: SseEvent) => boolean,
  meanwhile: () => Promise<unknown> = async () => undefined,
): Promise<SseEvent> {
  const stop = new AbortController()
  const response = await fetch(url, { headers: { accept: 'text/event-stream' }, signal: stop.signal })
  expect(response.status).toBe(200)
  const decoder = new SseDecoder()
  const doing = meanwhile()
  try {
    for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
      const found = decoder.push(text).find(isWanted)
      if (found !== undefined) return found
    }
  } finally {
    await doing
    stop.abort()
  }
  throw new Error('the stream ended')
}

describe('GET /hadal/live', () => {
  it('says how models, processes and promises stand', async () => {
    const readings = { processes: [], gpus: [{ index: 0, name: 'test', utilization: 0.5 }] }
    const live = { slo: () => ({ ttftMillis: 200 }), readings: async () => readings }
    const url = await serve(createFakeEngine({ model: { id: 'nano' } }), { operations: { live } })
    const state = (await (await fetch(`${url}/hadal/live`)).json()) as LiveState
    expect(state).toMatchObject({
      models: [{ id: 'nano', status: 'ready', engine: { running: 0, maxBatchSize: 8, caches: [] } }],
      slo: { ttftMillis: 200 },
      machine: { server: { pid: process.pid }, engines: [], gpus: readings.gpus },
    })
    expect(state.machine.server.residentBytes).toBeGreaterThan(0)
  })

  it('says it again and again to who asks for events', async () => {
    const url = await serve(createFakeEngine())
    const event = await untilEvent(`${url}/hadal/live`, ({ event }) => event === 'live')
    expect((JSON.parse(event.data) as LiveState).models).toHaveLength(1)
  })

  it('sends steps and requests on the same connection when requested', async () => {
    const url = await serve(createFakeEngine({ reply: 'some words' }))
    await (await ask(url)).text()
    const wanted = new Set(['live', 'steps', 'began', 'ended'])
    await untilEvent(
      `${url}/hadal/live?with=steps,requests`,
      ({ event }) => {
        wanted.delete(event)
        return wanted.size === 0
      },
      async () => (await ask(url)).text(),
    )
    const refused = await fetch(`${url}/hadal/live?with=secrets`)
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({ error: { param: 'with' } })
  })

  it('reports the cells and the queue, as far as the engine does, with request ids', async () => {
    const fake = createFakeEngine()
    const cells = { total: 8, atWork: 2, shared: 1, kept: 1, free: 5, bytes: 64 }
    const host = { usedBytes: 0, budgetBytes: 10, states: 0, pinned: 0 }
    const requested: unknown[] = []
    const engine: Engine = {
      ...fake,
      snapshot: () => ({ ...fake.snapshot(), waiting: 3 }),
      caches: async (question) => {
        requested.push(question)
        return [{ cells, host, prefixes: { nodes: [], leftOut: 0 } }]
      },
      line: () => ({
        requests: [{ id: 'somebody', priority: 1, waitedMillis: 5, tokens: 7 }],
        priorities: [{ priority: 1, waiting: 1 }],
      }),
    }
    const url = await serve(engine)
    const { models } = (await (await fetch(`${url}/hadal/live`)).json()) as LiveState
    expect(models[0]!.engine!.caches).toEqual([{ cells, host, prefixes: { nodes: [], leftOut: 0 } }])
    expect(models[0]!.engine!.queue).toEqual({
      requests: [{ id: 'somebody', priority: 1, waitedMillis: 5, tokens: 7 }],
      priorities: [{ priority: 1, waiting: 1 }],
      leftOut: 2,
    })
    // Prompt texts are included only if prompt logging is on.
    expect(requested).toEqual([{ most: 120, withTexts: false }])
  })

  it('goes on after a moment in which an engine could not be looked at', async () => {
    const fake = createFakeEngine()
    let looks = 0
    const engine: Engine = {
      ...fake,
      snapshot: () => {
        looks += 1
        return fake.snapshot()
      },
      line: () => {
        if (looks < 8) throw new Error('not now')
        return { requests: [], priorities: [] }
      },
    }
    const url = await serve(engine)
    looks = 0
    await untilEvent(`${url}/hadal/live`, ({ event }) => event === 'live')
    expect(looks).toBeGreaterThan(7)
  })

  it('works without what an engine cannot report', async () => {
    const engine: Engine = { ...createFakeEngine(), caches: async () => Promise.reject(new Error('gone')) }
    const url = await serve(engine)
    const { models } = (await (await fetch(`${url}/hadal/live`)).json()) as LiveState
    expect(models[0]!.engine!.caches).toEqual([])
  })
})

describe('GET /hadal/steps', () => {
  it('reports the requests of each step by id while a client is reading', async () => {
    const fake = createFakeEngine({ model: { id: 'nano' }, reply: 'some words' })
    let telling = 0
    const engine: Engine = {
      ...fake,
      reportMembers: () => {
        const own = fake.reportMembers!()
        telling += 1
        return {
          [Symbol.dispose]() {
            telling -= 1
            own[Symbol.dispose]()
          },
        }
      },
    }
    const url = await serve(engine)
    await ask(url)
    expect(telling).toBe(0)
    let requestId: string | null = null
    const event = await untilEvent(
      `${url}/hadal/steps`,
      ({ event, data }) => event === 'steps' && (JSON.parse(data) as StepsEvent).sequences.length > 0,
      async () => {
        const answer = await ask(url)
        requestId = answer.headers.get('x-request-id')
        await answer.text()
      },
    )
    const { steps, sequences, leftOut } = JSON.parse(event.data) as StepsEvent
    expect(leftOut).toBe(0)
    expect(sequences).toEqual([{ id: expect.stringMatching(/^chatcmpl-/), request: requestId }])
    expect(steps[0]).toMatchObject({
      model: 'nano',
      decodeTokens: 0,
      members: [{ sequence: 0, slot: 0, prefill: expect.any(Number) }],
    })
    expect(steps[1]).toMatchObject({ decodeTokens: 1, members: [{ sequence: 0, slot: 0 }] })
    await expect.poll(() => telling).toBe(0)
  })

  it('lets go of an engine whose model was unloaded', async () => {
    const fake = createFakeEngine()
    let watched = 0
    const engine: Engine = {
      ...fake,
      onStep: (listener) => {
        const own = fake.onStep(listener)
        watched += 1
        return {
          [Symbol.dispose]() {
            watched -= 1
            own[Symbol.dispose]()
          },
        }
      },
    }
    const feed = new StepFeed({
      clock: systemClock,
      engines: () => [],
      names: new RequestNames(() => []),
    })
    using _ = feed.read(() => undefined)
    const there = feed.ready(engine)
    expect(watched).toBe(1)
    there[Symbol.dispose]()
    expect(watched).toBe(0)
  })

  it('has sixteen readers at the most, and says so to one more', async () => {
    const url = await serve(createFakeEngine())
    const stop = new AbortController()
    const read = (): Promise<Response> => fetch(`${url}/hadal/steps`, { signal: stop.signal })
    const readers = await Promise.all(Array.from({ length: 16 }, read))
    expect(readers.every(({ status }) => status === 200)).toBe(true)
    const refused = await read()
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ error: { code: 'feed_full' } })
    stop.abort()
  })

  it('is for administrators', async () => {
    const adminKey = ['admin', 'key', 'of', 'this', 'test'].join('-')
    const url = await serve(createFakeEngine(), { adminKeys: [adminKey] })
    for (const path of ['/hadal/steps', '/hadal/live'])
      expect((await fetch(url + path)).status, path).toBe(403)
    const state = await fetch(`${url}/hadal/live`, { headers: { authorization: `Bearer ${adminKey}` } })
    expect(state.status).toBe(200)
  })
})

describe('the clock of steps', () => {
  it('goes by the report that was least late, and begins anew with the process', () => {
    const clock = new StepClock()
    expect(clock.endOf({ endedAt: 100 }, 1108)).toBe(1108)
    expect(clock.endOf({ endedAt: 110 }, 1111)).toBe(1111)
    expect(clock.endOf({ endedAt: 120 }, 1140)).toBe(1121)
    expect(clock.endOf({ endedAt: 5 }, 2005)).toBe(2005)
    expect(clock.endOf({ endedAt: 50, replica: 1 }, 3000)).toBe(3000)
    expect(clock.endOf({}, 4000)).toBe(4000)
  })
})
