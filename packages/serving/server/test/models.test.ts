/** Several models in one server: loaded on demand within one memory budget, and evicted for others. */

import { createLogger, ManualClock } from '@hadal/base'
import { createFakeEngine, type Engine, engineCrashed, type FakeEngine } from '@hadal/engine'
import { createServer, type HadalServer, type LocalModel, type ServerOptions } from '@hadal/server'
import { createTelemetry } from '@hadal/telemetry'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { chat, chunksOf, eventually, metric, post, turns, user } from './serving.ts'

interface Model extends LocalModel {
  readonly engines: FakeEngine[]
  /** Releases pending loads. */
  finish: (() => void) | undefined
}

/** Records its engines and whether they were closed. */
function model(id: string, more: Partial<LocalModel> & { slow?: boolean; tokenMillis?: number } = {}): Model {
  const { slow = false, tokenMillis = 0, ...policy } = more
  const made: Model = {
    kind: 'local',
    id,
    engines: [],
    finish: undefined,
    async open(): Promise<Engine> {
      const engine = createFakeEngine({ reply: `I am ${id}`, model: { id }, tokenMillis })
      made.engines.push(engine)
      if (!slow) return engine
      const loaded = new Promise<void>((resolve) => {
        made.finish = resolve
      })
      return { ...engine, ready: () => loaded }
    },
    ...policy,
  }
  return made
}

function serve(models: readonly LocalModel[], options: Partial<ServerOptions> = {}): HadalServer {
  const server = createServer({ models, ...options })
  onTestFinished(() => server.close())
  return server
}

const ask = async (server: HadalServer, name?: string): Promise<string> => {
  const answer = await chat(server, { ...(name !== undefined && { model: name }), ...user('who?') })
  return answer.status === 200
    ? answer.json().choices[0]!.message.content!
    : JSON.parse(answer.body).error.code
}
const states = async (server: HadalServer): Promise<Record<string, string>> => {
  const { data } = (await server.inject('/v1/models')).json() as {
    data: { id: string; status: { value: string } }[]
  }
  return Object.fromEntries(data.map(({ id, status }) => [id, status.value]))
}
const closed = (engine: FakeEngine | undefined): boolean => engine?.snapshot().state === 'closed'

describe('a model', () => {
  it('is loaded with the first request that names it, once for all who wait', async () => {
    const [a, b] = [model('a', { aliases: ['first'] }), model('b')]
    const server = serve([a, b])
    expect(await states(server)).toEqual({ a: 'unloaded', b: 'unloaded' })
    expect(await Promise.all([ask(server, 'a'), ask(server, 'first'), ask(server, 'a')])).toEqual(
      Array(3).fill('I am a'),
    )
    expect(a.engines).toHaveLength(1)
    expect(b.engines).toHaveLength(0)
    expect(await states(server)).toEqual({ a: 'loaded', b: 'unloaded' })
    expect(await ask(server)).toBe('model_not_found')
    expect(await ask(server, 'c')).toBe('model_not_found')
  })

  it('keeps the connections of those who wait for it alive', async () => {
    const clock = new ManualClock()
    const slow = model('slow', { slow: true })
    const server = serve([slow], { clock, limits: { keepAliveMillis: 1000 } })
    const streamed = chat(server, { stream: true, ...user('hi') })
    const whole = chat(server, user('hi'))
    const vector = post(server, '/v1/embeddings', { input: 'abc' })
    await eventually(() => expect(slow.finish).toBeDefined())
    for (let second = 0; second < 3; second += 1) {
      clock.advance(1000)
      await turns()
    }
    slow.finish!()
    const { body } = await streamed
    expect(body.startsWith(': keep-alive\n\n')).toBe(true)
    expect(
      chunksOf(body)
        .map(({ choices }) => choices[0]!.delta.content ?? '')
        .join(''),
    ).toBe('I am slow')
    const answer = await whole
    expect(answer.body).toMatch(/^\n+\{/)
    expect(JSON.parse(answer.body).choices[0].message.content).toBe('I am slow')
    const list = await vector
    expect(list.body).toMatch(/^\n+\{/)
    expect(JSON.parse(list.body).data).toHaveLength(1)
  })

  it('that cannot be loaded says why, also in the middle of what was begun, and is tried again after a while', async () => {
    const clock = new ManualClock()
    let issues = 0
    const broken = model('broken', {
      open: async () => {
        issues += 1
        throw new Error(`fault ${issues}`)
      },
    })
    const server = serve([broken], { clock })
    const first = await chat(server, user('hi'))
    expect(first.status).toBe(503)
    expect(first.headers['retry-after']).toBe('1')
    expect(JSON.parse(first.body).error).toMatchObject({ code: 'model_load_failed' })
    expect(first.body).toContain('fault 1')
    expect((await chat(server, user('hi'))).body).toContain('fault 1')
    clock.advance(1000)
    const again = await chat(server, user('hi'))
    expect(again.body).toContain('fault 2')
    expect(again.headers['retry-after']).toBe('2')
    const { data } = (await server.inject('/v1/models')).json()
    expect(data[0].status).toEqual({ value: 'unloaded', failed: true })
  })

  it('loaded at start is retried without requests', async () => {
    const clock = new ManualClock()
    let issues = 0
    const late = model('late', { loadAtStart: true })
    const { open } = late
    const server = serve(
      [
        Object.assign(late, {
          open: async () => {
            issues += 1
            if (issues < 3) throw new Error('not yet')
            return open.call(late)
          },
        }),
      ],
      { clock },
    )
    await eventually(() => expect(issues).toBe(1))
    const ready = async (): Promise<number> => (await server.inject('/ready')).statusCode
    expect(await ready()).toBe(503)
    await eventually(async () => {
      clock.advance(500)
      expect(await ready()).toBe(200)
    })
    expect(issues).toBe(3)
  })

  it('that is idle is unloaded unless it is pinned', async () => {
    const clock = new ManualClock()
    const telemetry = createTelemetry({ clock })
    const lines: string[] = []
    const [idle, pinned] = [
      model('idle', { idleUnloadMillis: 60_000 }),
      model('pinned', { idleUnloadMillis: 60_000, pinned: true }),
    ]
    const logger = createLogger((_, message) => void lines.push(message), 'info')
    const server = serve([idle, pinned], { clock, telemetry, logger })
    await ask(server, 'idle')
    await ask(server, 'pinned')
    clock.advance(40_000)
    await ask(server, 'idle')
    clock.advance(40_000)
    await turns()
    expect(await states(server)).toEqual({ idle: 'loaded', pinned: 'loaded' })
    clock.advance(20_000)
    await eventually(async () => expect(await states(server)).toEqual({ idle: 'unloaded', pinned: 'loaded' }))
    expect(closed(idle.engines[0])).toBe(true)
    expect(lines).toContain('a model was unloaded')
    expect(await metric(telemetry, 'hadal_model_unloads_total{model_name="idle",reason="idle"}')).toBe(1)
    expect(await ask(server, 'idle')).toBe('I am idle')
    expect(idle.engines).toHaveLength(2)
  })

  it('makes room for another, the one that was used longest ago first', async () => {
    const clock = new ManualClock()
    const sized = (id: string): Model => model(id, { estimateBytes: async () => 40 })
    const all = ['a', 'b', 'c'].map(sized)
    const server = serve(all, { clock, room: { budgetBytes: 100 } })
    for (const id of ['a', 'b', 'a', 'c']) {
      clock.advance(10)
      expect(await ask(server, id)).toBe(`I am ${id}`)
    }
    expect(await states(server)).toEqual({ a: 'loaded', b: 'unloaded', c: 'loaded' })
    expect(closed(all[1]!.engines[0])).toBe(true)
    const huge = serve([model('huge', { estimateBytes: async () => 101 })], { room: { budgetBytes: 100 } })
    expect(await ask(huge, 'huge')).toBe('model_over_budget')
  })

  it('in use finishes what it began before it makes room, and gets nothing new when another has waited long', async () => {
    const clock = new ManualClock()
    const busy = model('busy', { estimateBytes: async () => 60, tokenMillis: 10 })
    const other = model('other', { estimateBytes: async () => 60 })
    const server = serve([busy, other], { clock, room: { budgetBytes: 100 } })
    const requested = chat(server, { model: 'busy', ...user('hi') })
    await eventually(() => expect(busy.engines[0]?.snapshot().running).toBe(1))
    const waiting = ask(server, 'other')
    await turns()
    clock.advance(5_000)
    await turns()
    // Must queue behind the one that waited longer.
    const late = chat(server, { model: 'busy', ...user('hi') })
    const tick = setInterval(() => clock.advance(10), 1)
    onTestFinished(() => clearInterval(tick))
    expect((await requested).status).toBe(200)
    expect(await waiting).toBe('I am other')
    expect((await late).status).toBe(200)
    expect(busy.engines).toHaveLength(2)
  })

  it('is loaded and unloaded by administrators, when its requests are done', async () => {
    const [free, pinned] = [model('free'), model('pinned', { pinned: true })]
    const server = serve([free, pinned])
    expect((await post(server, '/models/load', { model: 'free' })).status).toBe(200)
    expect(await states(server)).toEqual({ free: 'loaded', pinned: 'unloaded' })
    expect((await post(server, '/models/unload', { model: 'free' })).status).toBe(200)
    expect(await states(server)).toEqual({ free: 'unloaded', pinned: 'unloaded' })
    expect((await post(server, '/models/unload', { model: 'pinned' })).status).toBe(409)
    expect((await post(server, '/models/load', { model: 'none' })).status).toBe(404)
  })

  it('that is to be there from the start is what readiness waits for', async () => {
    const [first, later] = [model('first', { loadAtStart: true, slow: true }), model('later')]
    const server = serve([first, later])
    const ready = async (query = ''): Promise<number> => (await server.inject(`/ready${query}`)).statusCode
    expect(await ready()).toBe(503)
    expect((await server.inject('/health')).statusCode).toBe(503)
    await eventually(() => expect(first.finish).toBeDefined())
    first.finish!()
    await eventually(async () => expect(await ready()).toBe(200))
    expect(await ready('?model=first')).toBe(200)
    expect(await ready('?model=later')).toBe(503)
    await ask(server, 'later')
    expect(await ready('?model=later')).toBe(200)
  })

  it('that cannot answer hands over to the next of its chain, before anything was said', async () => {
    const broken = model('broken', {
      open: async () => Promise.reject(new Error('no')),
      fallbacks: ['gone', 'spare'],
    })
    const gone = model('gone', { open: async () => Promise.reject(new Error('no')) })
    const spare = model('spare')
    const server = serve([broken, gone, spare])
    const answer = await chat(server, { model: 'broken', ...user('hi') })
    expect(answer.json().choices[0]!.message.content).toBe('I am spare')
    expect(answer.json().model).toBe('spare')
    expect(answer.headers['x-hadal-fallback']).toBe('spare')
    const refused = await post(server, '/v1/chat/completions', { model: 'broken', messages: 'x' })
    expect(refused.status).toBe(400)
  })

  it('that could not answer makes room for the next of its chain', async () => {
    const busy = model('busy', { estimateBytes: async () => 60, fallbacks: ['spare'] })
    const { open } = busy
    const failing = Object.assign(busy, {
      open: async (): Promise<Engine> => ({
        ...(await open.call(busy)),
        // biome-ignore lint/correctness/useYield: it fails before it says anything
        async *generate() {
          throw engineCrashed('SIGKILL')
        },
      }),
    })
    const spare = model('spare', { estimateBytes: async () => 60 })
    const server = serve([failing, spare], { room: { budgetBytes: 100 } })
    expect(await ask(server, 'busy')).toBe('I am spare')
  })

  it('that another waits for in vain goes on being asked', async () => {
    const clock = new ManualClock()
    const busy = model('busy', { estimateBytes: async () => 60, tokenMillis: 10 })
    const other = model('other', { estimateBytes: async () => 60 })
    const server = serve([busy, other], { clock, room: { budgetBytes: 100 } })
    const requested = ask(server, 'busy')
    await eventually(() => expect(busy.engines[0]?.snapshot().running).toBe(1))
    const waiting = ask(server, 'other')
    await turns()
    clock.advance(5_000)
    await turns()
    // From now on the other one exceeds the budget.
    server.change({ room: { budgetBytes: 50 } })
    const tick = setInterval(() => clock.advance(10), 1)
    onTestFinished(() => clearInterval(tick))
    await requested
    expect(await waiting).toBe('model_over_budget')
    expect(await ask(server, 'busy')).toBe('I am busy')
  })

  it('that is replaced while it loads leaves those who wait to the new one, and is not kept', async () => {
    const old = model('chat', { slow: true, pinned: true, estimateBytes: async () => 60 })
    const server = serve([old], { room: { budgetBytes: 100 } })
    const waiting = ask(server, 'chat')
    await eventually(() => expect(old.finish).toBeDefined())
    const next = model('chat', { pinned: true, estimateBytes: async () => 60 })
    server.change({ models: [next] })
    await turns()
    old.finish!()
    expect(await waiting).toBe('I am chat')
    expect(next.engines).toHaveLength(1)
    expect(old.engines).toHaveLength(1)
    await eventually(() => expect(closed(old.engines[0])).toBe(true))
    expect(closed(next.engines[0])).toBe(false)
  })

  it('that is still looking for its files keeps no server open', async () => {
    const endless = model('endless', { loadAtStart: true, estimateBytes: () => new Promise(() => {}) })
    const server = serve([endless])
    await server.close()
    expect(endless.engines).toEqual([])
  })

  it('whose engine was given and is closed is gone; another is loaded again', async () => {
    const own = model('own')
    const server = serve([own])
    await ask(server, 'own')
    await own.engines[0]![Symbol.asyncDispose]()
    expect(await ask(server, 'own')).toBe('I am own')
    expect(own.engines).toHaveLength(2)
  })

  it('is never lost, doubled or over the budget, however requests come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })), { maxLength: 24 }),
        async (requests) => {
          const sizesOf = [30, 50, 70, 90]
          let most = 0
          const open = (): number =>
            models.reduce(
              (sum, each, at) => sum + each.engines.filter((engine) => !closed(engine)).length * sizesOf[at]!,
              0,
            )
          const models = sizesOf.map((bytes, at) => {
            const made = model(String(at), { estimateBytes: async () => bytes })
            const { open: start } = made
            return Object.assign(made, {
              open: async () => {
                const engine = await start.call(made)
                most = Math.max(most, open())
                return engine
              },
            })
          })
          const server = createServer({ models, room: { budgetBytes: 120 } })
          const answers = requests.map(async ([at, turns]) => {
            for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve))
            return [at, await ask(server, String(at))]
          })
          for (const [at, said] of await Promise.all(answers)) expect(said).toBe(`I am ${at}`)
          expect(most).toBeLessThanOrEqual(120)
          await server.close()
          expect(open()).toBe(0)
        },
      ),
      { numRuns: 30 },
    )
  })
})
