import { resolveSettings, type Service, serviceSettings } from '@hadal/config'
import { describe, expect, it } from 'vitest'
import { followsLoad, withSleep } from './replicas-of-service.ts'

const service = (more: Record<string, unknown>): Service =>
  resolveSettings(serviceSettings, { file: { path: 'hadal.config.json', values: more } }).values
const sleepy = { replicas: 'auto', scaling: { autoscaler: 'hadal', scaleToZero: true, minReplicas: 0 } }

describe('withSleep', () => {
  it('keeps a single model as one of several where it may have no replica', () => {
    const { models } = withSleep(service({ ...sleepy, model: 'nano', modelAliases: ['gpt-4o'] }))
    expect(models).toEqual([
      { id: 'nano', model: 'nano', aliases: ['gpt-4o'], tags: [], adapters: [], idleUnloadMillis: 300_000 },
    ])
    expect(withSleep(service({ ...sleepy, idleUnloadMillis: '1m' })).models[0]).toMatchObject({
      idleUnloadMillis: 60_000,
    })
  })

  it('lets each of several sleep that may have no replica', () => {
    const far = { id: 'far', upstream: { replicas: ['http://far'] } }
    const models = [
      { id: 'a', model: 'nano' },
      { id: 'b', model: 'nano', idleUnloadMillis: '7s' },
      { id: 'c', model: 'nano', replicas: 2 },
      far,
    ]
    const idle = (given: Service) =>
      withSleep(given).models.map((entry) => ('model' in entry ? entry.idleUnloadMillis : 'far'))
    expect(idle(service({ ...sleepy, models }))).toEqual([300_000, 7000, undefined, 'far'])
    expect(idle(service({ ...sleepy, models, idleUnloadMillis: '1m' }))[0]).toBe(60_000)
  })

  it.each([
    ['nano', 'nano'],
    ['models/Qwen3-0.6B.gguf', 'Qwen3-0.6B'],
    ['hf:unsloth/Qwen3-0.6B-GGUF:Q4_K_M', 'Qwen3-0.6B-GGUF'],
    ['hf:unsloth/Qwen3@main:Q8_0', 'Qwen3'],
    ['hf:unsloth/Qwen3/file-Q8_0.gguf', 'file-Q8_0'],
    ['https://host/a/b.gguf#sha256=00', 'b'],
  ])('calls %s %s', (model, id) => {
    expect(withSleep(service({ ...sleepy, model })).models[0]!.id).toBe(id)
    expect(withSleep(service({ ...sleepy, model, modelId: 'mine' })).models[0]!.id).toBe('mine')
  })

  it('leaves all others as they are', () => {
    for (const more of [
      {},
      { replicas: 2 },
      { replicas: 'auto' },
      { ...sleepy, replicas: 2 },
      { ...sleepy, scaling: { ...sleepy.scaling, minReplicas: 1 } },
      { ...sleepy, replicas: 2, models: [{ id: 'a', model: 'nano' }] },
      { ...sleepy, models: [{ id: 'a', model: 'nano', replicas: 2 }] },
    ]) {
      const given = service(more)
      expect(withSleep(given)).toBe(given)
    }
  })
})

it('followsLoad asks of all models', () => {
  expect(followsLoad(service({ replicas: 2 }))).toBe(false)
  expect(followsLoad(service({ replicas: 'auto' }))).toBe(true)
  expect(followsLoad(service({ models: [{ id: 'a', model: 'nano', replicas: 'auto' }] }))).toBe(true)
})
