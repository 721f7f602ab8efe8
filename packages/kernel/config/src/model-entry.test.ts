import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readModels } from './model-entry.ts'
import { resolveSettings } from './resolve.ts'
import { checkService, serviceSettings } from './service.ts'

const issues = (...models: unknown[]): readonly string[] => readModels(models).issues

describe('a list of models', () => {
  it('accepts deprecated keys', () => {
    const entry = { id: 'chat', model: 'a.gguf', maxPrefillTokensBesideDecodes: 64 }
    expect(readModels([entry]).models).toEqual([
      { id: 'chat', model: 'a.gguf', maxPrefillTokensWhileDecoding: 64 },
    ])
    expect(issues({ ...entry, maxPrefillTokensWhileDecoding: 64 }).join()).toContain(
      'maxPrefillTokensBesideDecodes',
    )
  })

  it('is read as settings are: durations and sizes with their units', () => {
    const { models, issues: none } = readModels([
      { id: 'chat', model: 'hf:a/b:Q8_0', kvCacheBytes: '2GiB', idleUnloadMillis: '5m', fallbacks: ['far'] },
      {
        id: 'far',
        aliases: ['deepseek'],
        upstream: {
          replicas: ['https://api.deepseek.com'],
          apiKeyEnv: 'DEEPSEEK_API_KEY',
          hedgeAfterMillis: '2s',
          holdMillis: '5m',
          wakeMillis: '90s',
          breaker: { openMillis: '1m' },
          healthPath: null,
        },
      },
      { id: 'pod', upstream: { discover: { kubernetes: { service: 'vllm', port: 'http' } } } },
    ])
    expect(none).toEqual([])
    expect(models[0]).toMatchObject({ kvCacheBytes: 2 * 1024 ** 3, idleUnloadMillis: 300_000 })
    expect(models[1]).toMatchObject({
      upstream: {
        hedgeAfterMillis: 2000,
        holdMillis: 300_000,
        wakeMillis: 90_000,
        breaker: { openMillis: 60_000 },
        healthPath: null,
      },
    })
  })

  it('reports every error, with its position and a suggestion', () => {
    expect(
      issues(
        { model: 'nano', contextLenght: 5, maxBatchSize: 0 },
        { id: 'a', model: 'nano', fallbacks: ['a', 'b'] },
        { id: 'a', upstream: { replicas: ['vllm:8000'], retrys: 1 } },
        { id: 'c', model: 'x', upstream: { discover: { dns: 'vllm' } } },
        { id: 'd', upstream: {} },
        { id: 'e', upstream: { discover: { kubernetes: { port: 0 } } } },
        'nano',
      ),
    ).toEqual([
      'models[0]: unknown field contextLenght; did you mean contextLength?',
      'models[0].maxBatchSize: 0 is not a whole number from 1 to 256',
      'models[0]: id is missing',
      'models[2].upstream: unknown field retrys; did you mean retries?',
      'models[2].upstream.replicas: "vllm:8000" is not a URL such as http://vllm:8000/v1',
      'models[3]: set either model or upstream, not both',
      'models[3].upstream.discover: dns needs a port',
      'models[4].upstream: set either replicas or discover',
      'models[5].upstream.discover.kubernetes.port: 0 is not the number or name of a port',
      'models[5].upstream.discover.kubernetes: service is missing',
      'models[6] must be an object, got "nano"',
      'models: a falls back to itself',
      'models: a falls back to "b", which does not exist',
    ])
    expect(issues({ id: 'a', model: 'x' }, { id: 'b', model: 'y', aliases: ['a'] })).toEqual([
      'models: the name "a" is used twice',
    ])
    expect(readModels({}).issues).toEqual(['models must be a list of objects'])
  })

  it('is rejected by a service with all of its errors, and alongside a single model', () => {
    const resolve = (values: Record<string, unknown>) =>
      resolveSettings(
        serviceSettings,
        { file: { path: 'hadal.config.json', values } },
        { check: checkService },
      )
    expect(() => resolve({ models: [{ id: 'a' }, { id: 'b', model: 'x', typo: 1 }] })).toThrowError(
      /hadal\.config\.json: models\[0\]: model is missing[\s\S]*hadal\.config\.json: models\[1\]: unknown field typo/,
    )
    expect(() => resolve({ model: 'x.gguf', models: [{ id: 'a', model: 'y' }] })).toThrowError(
      /model applies to a single model/,
    )
    expect(resolve({ models: [{ id: 'a', model: 'y' }] }).values.models).toEqual([{ id: 'a', model: 'y' }])
  })

  it('is read or has an error, for any input', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (given) => {
        const { models, issues: found } = readModels(given)
        if (found.length === 0) expect(models).toHaveLength((given as unknown[]).length)
        for (const issue of found) expect(issue).toMatch(/^models/)
      }),
    )
    fc.assert(
      fc.property(
        fc.record({
          id: fc.string(),
          upstream: fc.record(
            { replicas: fc.jsonValue(), discover: fc.jsonValue(), breaker: fc.jsonValue() },
            { requiredKeys: [] },
          ),
        }),
        (model) => void readModels([model]),
      ),
    )
  })
})
