import { setImmediate } from 'node:timers/promises'
import { type Logger, ManualClock } from '@hadal/base'
import { createFakeEngine, type Engine, type EngineLimits } from '@hadal/engine'
import { expect, it } from 'vitest'
import { tuneOnline } from './online-tuning.ts'

const start = { maxBatchSize: 8, maxBatchTokens: 512, maxPrefillTokensWhileDecoding: 128, timeoutMicros: 0 }

/** An engine with adjustable limits; tokens take `tokenMillis`. */
function adjustable(clock: ManualClock, tokenMillis: number) {
  const fake = createFakeEngine({ clock, tokenMillis, reply: 'abcdef', maxBatchSize: 64 })
  const changes: EngineLimits[] = []
  let limits: EngineLimits = start
  const engine: Engine = new Proxy(fake, {
    get(target, name) {
      if (name === 'limits') return limits
      if (name === 'limit')
        return (changed: Partial<EngineLimits>) => {
          limits = { ...limits, ...changed }
          changes.push(limits)
          return limits
        }
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { engine, changes }
}

function log() {
  const lines: [string, unknown][] = []
  const add = (level: string) => (message: string, fields?: Record<string, unknown>) =>
    void lines.push([`${level} ${message}`, fields?.reason])
  const logger: Logger = { debug: add('debug'), info: add('info'), warn: add('warn'), error: add('error') }
  return { lines, logger }
}

async function drive(clock: ManualClock, engine: Engine, seconds: number): Promise<void> {
  const one = async (id: number): Promise<void> => {
    const request = { id: `${id}`, prompt: 'x', sampling: {}, stop: [] }
    for await (const _ of engine.generate(request));
  }
  for (let second = 0; second < seconds; second += 1) {
    const all = Promise.all(Array.from({ length: 10 }, (_, id) => one(id)))
    for (let tick = 0; tick < 20; tick += 1) {
      for (let turn = 0; turn < 20; turn += 1) await setImmediate()
      clock.advance(50)
    }
    await all
  }
}

it('changes the limits of an engine that is too slow between tokens, and says why', async () => {
  const clock = new ManualClock()
  const { engine, changes } = adjustable(clock, 100)
  const { lines, logger } = log()
  const slo = { ttftMillis: 10_000, itlMillis: 60 }
  using tuned = tuneOnline(engine, { slo, logger, clock, windowMillis: 2000, minRequests: 5 })
  await drive(clock, tuned!.engine, 6)
  expect(changes[0]!.maxPrefillTokensWhileDecoding).toBe(89)
  expect(lines[0]).toEqual([
    'info limits changed',
    'maxPrefillTokensWhileDecoding 128 -> 89: the 99th percentile between tokens is 100 ms of 60',
  ])
})

it('leaves alone an engine that keeps its promises, and stays the engine it is', async () => {
  const clock = new ManualClock()
  const { engine, changes } = adjustable(clock, 0)
  const { logger } = log()
  using tuned = tuneOnline(engine, {
    slo: { ttftMillis: 500 },
    logger,
    clock,
    windowMillis: 2000,
    minRequests: 5,
  })
  await drive(clock, tuned!.engine, 5)
  expect(changes).toEqual([])
  expect(tuned!.engine.snapshot()).toEqual(engine.snapshot())
  expect(tuned!.engine.model).toBe(engine.model)
})

it('has nothing to change of an engine without limits', () => {
  const { logger } = log()
  expect(tuneOnline(createFakeEngine(), { slo: { ttftMillis: 500 }, logger })).toBeUndefined()
})
