import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tenantPresets, tenantsOf } from '@hadal/load'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { main } from '../main.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-tenants-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function run(...args: string[]) {
  const terminal = recordingTerminal({ folder })
  const code = await main(['simulate', ...args], terminal)
  return { code, out: terminal.printed.join('\n'), err: terminal.noted.join('\n') }
}

const fixed = { kind: 'fixed', tokens: 8 } as const
const defaults = { promptTokens: fixed, outputTokens: fixed }
const read = (list: unknown) => {
  const issues: string[] = []
  return { tenants: tenantsOf(list, defaults, issues), issues }
}

describe('hadal simulate --tenants', () => {
  it('shows what each gets under each policy', async () => {
    const { code, out } = await run('--tenants', 'flood,trickle', '--hours', '0.3')
    expect(code).toBe(0)
    for (const name of [
      'first come, first served',
      'fair shares, key limits',
      'trickle',
      'over limit',
      'alone',
    ])
      expect(out).toContain(name)
    expect(out).toContain("Jain's index")
    expect(out).not.toMatch(/NaN|undefined|Infinity/)
  })

  it('omits limits when no tenant has any', async () => {
    const { out } = await run('--tenants', 'trickle,steady', '--hours', '0.3')
    expect(out).not.toContain('limit')
  })

  it('says the same as JSON, and the same again', async () => {
    const args = ['--tenants', 'trickle,steady,daily,batch', '--hours', '0.3', '--json']
    const [first, second] = [await run(...args), await run(...args)]
    expect(first.out).toBe(second.out)
    const { policies, alone, hours } = JSON.parse(first.out)
    expect([hours, alone.length]).toEqual([0.3, 4])
    for (const { jain, tenants } of policies) {
      expect(jain).toBeGreaterThan(0)
      expect(tenants.map(({ name }: { name: string }) => name)).toEqual([
        'trickle',
        'steady',
        'daily',
        'batch',
      ])
    }
  })

  it('takes a file of tenants', async () => {
    const tenants = [
      { name: 'a', rate: 3, weight: 3, promptTokens: 20, outputTokens: 'uniform:5,20' },
      { name: 'b', traffic: 'gamma', rate: 0.5, limit: { concurrency: 2, tokensPerMinute: 1000 } },
    ]
    writeFileSync(join(folder, 'tenants.json'), JSON.stringify(tenants))
    const { out } = await run('--tenants', 'tenants.json', '--hours', '0.1', '--json')
    const parsed = JSON.parse(out)
    expect(parsed.tenants).toMatchObject([
      {
        name: 'a',
        weight: 3,
        promptTokens: { tokens: 20 },
        arrivals: { kind: 'poisson', requestsPerSecond: 3 },
      },
      { name: 'b', limit: { concurrency: 2 }, arrivals: { kind: 'gamma', variation: 3 } },
    ])
    expect(parsed.policies).toHaveLength(4)
  })

  it.each([
    [['--tenants', 'flod'], 'tenants_invalid', 'did you mean flood?'],
    [['--tenants', 'trickle,trickle'], 'tenants_invalid', 'two tenants "trickle"'],
    [['--tenants', 'nowhere.json'], 'tenants_invalid', 'nowhere.json'],
    [['--tenants', 'trickle', '--hours', '0'], 'usage', '--hours'],
    [['--hours', '3'], 'usage', '--hours requires --tenants'],
    [['--tenants', 'trickle', '--rate', '3', '--keys', '2'], 'usage', '--rate, --keys'],
  ])('refuses %j', async (args, code, why) => {
    const { code: exit, err } = await run(...args)
    expect(exit).not.toBe(0)
    expect(err).toContain(`error[${code}]`)
    expect(err).toContain(why)
  })
})

describe('a file of tenants', () => {
  it('is rejected with all of its errors at once', () => {
    const { issues } = read([
      { name: 'a', rate: -1, trafic: 'x', limit: { requestsPerMinut: 3, concurrency: 0 } },
      { rate: 1, traffic: 'waves', promptTokens: 'x' },
      { name: 'b', burst: '2m' },
      { name: 'b', rate: 2, traffic: 'bursts', burst: '2 parsecs', silence: '0s', limit: [] },
      4,
    ])
    for (const [at, what] of [
      'a: trafic is unknown; did you mean traffic?',
      'a: limit.requestsPerMinut is unknown; did you mean requestsPerMinute?',
      'a: limit.concurrency must be a whole number of at least 1, not 0',
      'a: rate must be a number above 0, not -1',
      'tenant 2: name must be a text',
      'tenant 2: traffic must be one of poisson, gamma, bursts, diurnal, not "waves"',
      'tenant 2: promptTokens: "x" is not a length distribution',
      'b: rate is missing',
      'b: burst says nothing of poisson traffic',
      'b: limit must be an object',
      'b: burst: "2 parsecs" is not a duration',
      'b: silence: it must be above 0',
      'tenant 5: it must be an object',
      'there are two tenants "b"',
    ].entries())
      expect(
        issues.some((issue) => issue.startsWith(what)),
        `${at}: ${what} in ${issues.join('\n')}`,
      ).toBe(true)
    expect(issues).toHaveLength(14)
  })

  it('is read or refused, whatever it holds', () => {
    const names = [
      'name',
      'rate',
      'traffic',
      'burst',
      'swing',
      'period',
      'limit',
      'weight',
      'promptTokens',
      'x',
    ]
    const values = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('bursts', 'diurnal', '5m', 1, 0.5, 'uniform:1,2', { concurrency: 2 }),
    )
    const list = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.array(fc.dictionary(fc.constantFrom(...names), values), { maxLength: 3 }),
    )
    fc.assert(
      fc.property(list, (value) => {
        const { tenants, issues } = read(value)
        if (issues.length > 0) return
        expect(tenants).toHaveLength((value as unknown[]).length)
        for (const { arrivals, weight } of tenants) {
          expect(arrivals.requestsPerSecond).toBeGreaterThan(0)
          expect(weight).toBeGreaterThan(0)
        }
      }),
    )
  })

  it('has those that are built in', () => {
    const list = Object.entries(tenantPresets).map(([name, fields]) => ({ ...fields, name }))
    expect(read(list)).toMatchObject({ issues: [], tenants: list.map(({ name }) => ({ name })) })
  })
})
