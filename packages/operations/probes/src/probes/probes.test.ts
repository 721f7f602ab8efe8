import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { allChecks, type Capture, runChecks } from '@hadal/doctor'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { recordingTerminal } from '../../../../apps/cli/test/recording-terminal.ts'
import { knownSecrets } from '../known-secrets.ts'
import { allProbes } from './all-probes.ts'
import { weaknessOf } from './key-strength.ts'
import { loadService } from './service-settings.ts'

it('SLOs are read from the config, and are marked as defaults without one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-promises-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const terminal = recordingTerminal({ folder })
  const promised = async () =>
    allProbes(() => loadService(undefined, terminal), terminal)['service-slo']!(AbortSignal.timeout(60_000))
  expect(await promised()).toMatchObject({ isDefault: true })
  writeFileSync(join(folder, 'hadal.config.json'), '{"slo":{"availability":0.99,"latencyMillis":900}}')
  expect(await promised()).toMatchObject({ isDefault: false, availability: 0.99, latencyMillis: 900 })
})

it('probes of this machine say what checks go by', async () => {
  const terminal = recordingTerminal()
  const probes = allProbes(() => loadService(undefined, terminal), terminal)
  const readings: Record<string, { text: string }> = {}
  for (const name of ['node', 'cgroup', 'environment', 'disks', 'llama'])
    readings[name] = { text: JSON.stringify(await probes[name]!(AbortSignal.timeout(60_000))) }
  const ids = ['node-version', 'user', 'thread-variables', 'disk', 'glibc', 'llama'].map(
    (id) => `environment-${id}`,
  )
  const checks = allChecks.filter(({ id }) => ids.includes(id))
  const { findings } = runChecks(checks, { version: 1, takenAt: Date.now(), readings } satisfies Capture)
  expect(new Set(findings.map(({ id }) => id)).size).toBe(ids.length)
  expect(findings.filter(({ severity }) => severity === 'unknown')).toEqual([])
  expect(findings.find(({ id }) => id === 'environment-llama')).toMatchObject({
    severity: 'ok',
    says: expect.stringMatching(/loaded and generated a token in/),
  })
})

describe('a key', () => {
  it.each([
    ['abc', /3 characters/],
    ['aaaaaaaaaaaaaaaaaaaaaaaa', /1 different/],
    ['changeme-changeme-please-now', /like an example/],
    ['1234567890qwertzuiopasdf', /keyboard/],
  ])('%s is weak', (key, why) => {
    expect(weaknessOf(key)).toMatch(why)
  })

  it('at random is not', () => {
    const random = fc.stringMatching(/^[0-9a-f]{64}$/).filter((hex) => new Set(hex).size >= 8)
    fc.assert(
      fc.property(random, (hex) => {
        expect(weaknessOf(`f${hex}`)).toBe(undefined)
      }),
    )
  })

  it('is not in what is said of it', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z!$%&]{4,15}$/), (key) => {
        expect(weaknessOf(key)).toBeDefined()
        expect(weaknessOf(key)).not.toContain(key)
      }),
    )
  })
})

describe('secrets that are known', () => {
  it('are those of variables and settings, but no paths of files', () => {
    const settings = {
      values: {
        apiKeys: ['first-key'],
        database: 'postgres://u:pass%20word@h/x',
        models: [
          {
            id: 'm',
            upstream: { apiKey: 'up-key', headers: { 'x-a': 'head-er' }, replicas: ['http://a:b99999@h/v1'] },
          },
        ],
        tlsKey: 'certs/k.pem',
        modelId: 'plain',
      },
    }
    const loaded = { file: undefined, faults: [], help: undefined, settings } as unknown as Parameters<
      typeof knownSecrets
    >[1]
    const found = knownSecrets(
      {
        HADAL_API_KEYS: 'one-key, two-key',
        HF_TOKEN: `ab${'/cd/'}ef+gh==`,
        SSL_KEY_FILE: '/etc/k.pem',
        PATH: '/bin',
      },
      loaded,
    )
    for (const secret of [
      'first-key',
      'pass%20word',
      'pass word',
      'up-key',
      'head-er',
      'b99999',
      'one-key',
      'two-key',
      `ab${'/cd/'}ef+gh==`,
    ])
      expect(found).toContain(secret)
    for (const plain of ['certs/k.pem', '/etc/k.pem', '/bin', 'plain', 'm'])
      expect(found).not.toContain(plain)
  })
})
