import fc from 'fast-check'
import { expect, it } from 'vitest'
import { planReload } from './plan-reload.ts'
import { type Resolved, resolveSettings } from './resolve.ts'
import { type Service, serviceSettings } from './service.ts'

const settings = (values: Record<string, unknown> = {}): Resolved<Service> =>
  resolveSettings(serviceSettings, { file: { path: 'hadal.config.ts', values } })

it('what is live holds at once; the rest waits, and is in force as it was', () => {
  const old = settings({ apiKeys: ['a'], port: 1, threads: 2 })
  const next = settings({ apiKeys: ['b'], port: 2, threads: 2, temperature: 0 })
  const { live, restart, effective } = planReload(old, next)
  expect(live).toEqual(['apiKeys', 'temperature'])
  expect(restart).toEqual(['port'])
  expect(effective.values).toEqual({ ...old.values, apiKeys: ['b'], temperature: 0 })
  expect(effective.origins.temperature).toEqual({ source: 'file', name: 'hadal.config.ts' })
})

it('what waits is named again until it is taken back', () => {
  const started = settings({ port: 1 })
  const { effective } = planReload(started, settings({ port: 2 }))
  expect(planReload(effective, settings({ port: 2, topK: 1 }), started)).toMatchObject({
    live: ['topK'],
    restart: ['port'],
  })
  expect(planReload(effective, settings({ port: 1 }), started)).toMatchObject({ live: [], restart: [] })
})

it('the limits of the engine go down and up again, but not beyond what it was started with', () => {
  const started = settings({ maxBatchSize: 8 })
  const { live, effective } = planReload(started, settings({ maxBatchSize: 4 }))
  expect(live).toEqual(['maxBatchSize'])
  expect(planReload(effective, started, started).live).toEqual(['maxBatchSize'])
  const more = planReload(effective, settings({ maxBatchSize: 9 }), started)
  expect(more).toMatchObject({ live: [], restart: ['maxBatchSize'] })
  expect(more.effective.values.maxBatchSize).toBe(4)
})

it('what fits together only after a restart is refused whole', () => {
  const started = settings({ maxBatchTokens: 64, maxBatchSize: 32 })
  const next = settings({ maxBatchTokens: 16, maxBatchSize: 16 })
  expect(planReload(started, next).live).toEqual(['maxBatchSize', 'maxBatchTokens'])
  const small = settings({ maxBatchTokens: 64, maxBatchSize: 64 })
  const { effective } = planReload(small, settings({ maxBatchTokens: 32, maxBatchSize: 32 }), small)
  expect(() => planReload(effective, settings({ maxBatchTokens: 128, maxBatchSize: 64 }), small)).toThrow(
    expect.objectContaining({
      code: 'config_invalid',
      message: expect.stringContaining('maxBatchTokens in the file: only after a restart'),
    }),
  )
})

it('whatever changes is either in force or named as waiting, and reloading the same changes nothing', () => {
  const values = fc.record(
    {
      port: fc.integer({ min: 1, max: 9 }),
      apiKeys: fc.array(fc.constantFrom('a', 'b')),
      maxBatchSize: fc.integer({ min: 1, max: 16 }),
      adapters: fc.array(fc.record({ path: fc.constantFrom('x', 'y') }), { maxLength: 1 }),
      temperature: fc.integer({ min: 0, max: 3 }),
      logLevel: fc.constantFrom('debug', 'info'),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(values, values, (before, after) => {
      const [old, next] = [settings(before), settings(after)]
      const { live, restart, effective } = planReload(old, next)
      for (const key of Object.keys(serviceSettings) as (keyof Service)[]) {
        const from = restart.includes(key) ? old : next
        expect(effective.values[key]).toEqual(from.values[key])
        expect(live.includes(key) && restart.includes(key)).toBe(false)
      }
      expect(planReload(effective, next, old)).toMatchObject({ live: [], restart })
    }),
  )
})
