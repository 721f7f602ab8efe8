import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resolveSettings, type SettingSources } from './resolve.ts'
import { checkService, serviceSettings } from './service.ts'

const resolve = (sources: SettingSources) =>
  resolveSettings(serviceSettings, sources, {
    check: checkService,
    otherVariables: ['HADAL_CONFIG'],
    otherFlags: ['--config'],
  })
const file = (values: Record<string, unknown>) => ({ path: 'hadal.config.json', values })
const issuesOf = (sources: SettingSources): string[] => {
  try {
    resolve(sources)
  } catch (error) {
    expect(error).toMatchObject({ code: 'config_invalid' })
    return (error as Error).message.split('\n').slice(1)
  }
  return []
}

describe('precedence', () => {
  it('is flag over environment over file over default, and each value says where it came from', () => {
    const sources = { flags: { port: '1' }, env: { HADAL_PORT: '2' }, file: file({ port: 3 }) }
    expect(resolve(sources).values.port).toBe(1)
    expect(resolve(sources).origins.port).toEqual({ source: 'flag', name: '--port' })
    expect(resolve({ ...sources, flags: {} }).values.port).toBe(2)
    expect(resolve({ ...sources, flags: {} }).origins.port).toEqual({ source: 'env', name: 'HADAL_PORT' })
    expect(resolve({ file: sources.file }).values.port).toBe(3)
    expect(resolve({ file: sources.file }).origins.port).toEqual({
      source: 'file',
      name: 'hadal.config.json',
    })
    expect(resolve({}).values.port).toBe(8080)
    expect(resolve({}).origins.port).toEqual({ source: 'default', name: 'default' })
  })

  it('holds for every subset of sources', () => {
    const port = fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: undefined })
    fc.assert(
      fc.property(port, port, port, (flag, env, inFile) => {
        const { values } = resolve({
          flags: { port: flag?.toString() },
          env: { HADAL_PORT: env?.toString() },
          file: file({ port: inFile }),
        })
        expect(values.port).toBe(flag ?? env ?? inFile ?? 8080)
      }),
    )
  })

  it('accepts deprecated names, and reports them', () => {
    const old = { maxPrefillTokensBesideDecodes: 64 }
    const { values, origins, notes } = resolve({ file: file(old) })
    expect(values.maxPrefillTokensWhileDecoding).toBe(64)
    expect(origins.maxPrefillTokensWhileDecoding.source).toBe('file')
    expect(notes).toEqual(['maxPrefillTokensBesideDecodes is deprecated; use maxPrefillTokensWhileDecoding'])
    const env = { HADAL_MAX_PREFILL_TOKENS_BESIDE_DECODES: '32' }
    expect(resolve({ env, file: file(old) }).values.maxPrefillTokensWhileDecoding).toBe(32)
    expect(issuesOf({ file: file({ ...old, maxPrefillTokensWhileDecoding: 128 }) }).join()).toContain(
      'there is no setting maxPrefillTokensBesideDecodes',
    )
  })

  it('takes an empty variable for none', () => {
    expect(resolve({ env: { HADAL_PORT: '' } }).origins.port.source).toBe('default')
  })
})

describe('values', () => {
  it('are read from text with their units, from every source', () => {
    const { values } = resolve({
      flags: { drainTimeoutMillis: '1m', offline: true },
      env: { HADAL_API_KEYS: 'a, b', HADAL_TIMEOUT_MICROS: '2ms' },
      file: file({ bodyLimitBytes: '1MiB' }),
    })
    expect(values).toMatchObject({
      drainTimeoutMillis: 60_000,
      timeoutMicros: 2000,
      bodyLimitBytes: 1024 ** 2,
      apiKeys: ['a', 'b'],
      offline: true,
    })
  })

  it('may be as long as a timer can be', () => {
    expect(resolve({ flags: { drainTimeoutMillis: '24.8d' } }).values.drainTimeoutMillis).toBe(2_142_720_000)
    expect(resolve({ file: file({ drainTimeoutMillis: 2 ** 31 - 1 }) }).values.drainTimeoutMillis).toBe(
      2 ** 31 - 1,
    )
  })

  it('stay open where nothing is said', () => {
    expect(resolve({}).values.threads).toBeUndefined()
    expect(resolve({}).origins.threads.name).toContain('physical cores')
  })
})

describe('errors', () => {
  it('are reported all at once, with what was meant', () => {
    expect(
      issuesOf({
        flags: { threads: 'many' },
        unknownArguments: ['--prot', '9000', '--max-queu=3', 'stray'],
        env: { HADAL_PORT: '99999', HADAL_MAXQUEUE: '3', HADAL_CONFIG: 'x', PATH: '/bin' },
        file: file({ maxBatchSiz: 4, host: 7 }),
      }),
    ).toEqual([
      '  --threads: "many" is not a whole number from 1 to 512',
      '  hadal.config.json: host: 7 is not a non-empty string',
      '  HADAL_PORT: "99999" is not a whole number from 0 to 65535',
      '  hadal.config.json: there is no setting maxBatchSiz; did you mean maxBatchSize?',
      '  HADAL_MAXQUEUE: there is no such variable; did you mean HADAL_MAX_QUEUE?',
      '  --prot: there is no such flag; did you mean --port?',
      '  --max-queu: there is no such flag; did you mean --max-queue?',
      '  stray: unexpected argument',
    ])
  })

  it.each([
    [{ drainTimeoutMillis: 'soon' }, 'drainTimeoutMillis: "soon" is not a duration such as 30s'],
    // Regression: a timer set to so much fires at once.
    [
      { drainTimeoutMillis: '60d' },
      'drainTimeoutMillis: "60d" is not a duration such as 30s and at most 24.8d',
    ],
    [{ drainTimeoutMillis: 2 ** 31 }, 'drainTimeoutMillis: 2147483648 is not a duration'],
    [{ bodyLimitBytes: '1 parsec' }, 'bodyLimitBytes: "1 parsec" is not a size such as 64MiB'],
    [{ logLevel: 'loud' }, 'logLevel: "loud" is not one of debug, info, warn, error'],
    [{ port: 80.5 }, 'port: 80.5 is not a whole number'],
    [{ offline: 'perhaps' }, 'offline: "perhaps" is not true or false'],
    [{ apiKeys: [''] }, 'apiKeys: the value is not a list'],
  ])('%j', (values, issue) => {
    expect(issuesOf({ file: file(values) })).toEqual([expect.stringContaining(issue)])
  })

  it('never show a secret', () => {
    expect(issuesOf({ env: { HADAL_API_KEYS: 'hush,,hush' } }).join()).not.toContain('hush')
  })

  it('include what only several settings together show', () => {
    expect(issuesOf({ flags: { maxBatchTokens: '4', maxBatchSize: '8' } })).toEqual([
      expect.stringContaining('maxBatchTokens (4) is less than maxBatchSize (8)'),
    ])
  })
})

describe('regression: a Kubernetes Service named hadal', () => {
  it('sets variables that are no settings', () => {
    const { values, notes } = resolve({
      env: {
        HADAL_PORT: 'tcp://10.0.0.1:8080',
        HADAL_SERVICE_HOST: '10.0.0.1',
        HADAL_SERVICE_PORT_HTTP: '8080',
        HADAL_PORT_8080_TCP_ADDR: '10.0.0.1',
      },
    })
    expect(values.port).toBe(8080)
    expect(notes).toEqual([expect.stringContaining('HADAL_PORT, HADAL_SERVICE_HOST')])
  })
})
