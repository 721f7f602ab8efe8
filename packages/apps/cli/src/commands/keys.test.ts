import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAccounts } from '@hadal/accounts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RecordingTerminal, recordingTerminal } from '../../test/recording-terminal.ts'
import { main } from '../main.ts'

let folder: string
let database: string
let terminal: RecordingTerminal
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-keys-'))
  database = join(folder, 'accounts.sqlite')
  terminal = recordingTerminal({ folder, env: { HADAL_DATABASE: database } })
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Its output and exit code. */
const hadal = async (...args: string[]): Promise<[string, number]> => {
  terminal.printed.length = terminal.noted.length = 0
  const code = await main(args, terminal)
  return [terminal.printed.join('\n'), code]
}
const noted = () => terminal.noted.join('\n')

describe('hadal keys', () => {
  it('makes a key, prints it once and nothing else, and keeps no trace of it', async () => {
    const [secret, code] = await hadal('keys', 'create', 'team blue', '--requests-per-minute', '60')
    expect([secret, code]).toEqual([expect.stringMatching(/^hdl_[\w-]{43}$/), 0])
    expect(noted()).toContain('team blue')
    expect(noted()).not.toContain(secret)
    const [list] = await hadal('keys', 'list', '--json')
    expect(list).not.toContain(secret)
    expect(readFileSync(database).includes(secret)).toBe(false)
  })

  it('lists what keys may do, and changes it', async () => {
    const limits = '--tokens-per-minute 50k --budget 20 --models qwen*,nano --priority 5 --expires 2100-01-01'
    await hadal('keys', 'create', 'blue', ...limits.split(' '))
    await hadal(
      'keys',
      'create',
      'green',
      '--max-concurrent',
      '2',
      '--budget-tokens',
      '5M',
      '--weight',
      '0.5',
    )
    const [list] = await hadal('keys', 'list')
    expect(list).toMatch(/^name +id +key +requests +tokens +may$/m)
    expect(list).toContain(
      '50.0k tokens/min, 20.00 USD/month, models qwen*, nano, priority 5, until 2100-01-01',
    )
    expect(list).toMatch(
      /^green +key_\S+ +hdl_\S{6}\.\.\. +0 +0 +2 concurrent, 5.0M tokens\/month, weight 0.5$/m,
    )
    const [changed] = await hadal('keys', 'limit', 'green', '--max-concurrent', 'none', '--budget', '0.004')
    expect(changed).toMatch(/0.004 USD\/month, weight 0.5$/)
    const [{ budget, maxConcurrent }] = JSON.parse((await hadal('keys', 'list', '--json'))[0]).slice(-1)
    expect([budget, maxConcurrent]).toEqual([{ unit: 'micros', amount: 4000 }, undefined])
  })

  it('revokes a key, and lists revoked and expired keys only with --all', async () => {
    await hadal('keys', 'create', 'blue')
    await hadal('keys', 'create', 'old', '--expires', '2020-01-01')
    expect((await hadal('keys', 'revoke', 'blue'))[0]).toContain('revoked blue')
    const [list] = await hadal('keys', 'list')
    expect(list).toContain('no keys')
    expect(list).toContain('2 revoked or expired')
    const [all] = await hadal('keys', 'list', '--all')
    expect(all).toMatch(/blue .* revoked /)
    expect(all).toMatch(/old .* expired 2020-01-01/)
    expect((await hadal('keys', 'revoke', 'blue'))[1]).toBe(1)
    expect(noted()).toContain('error[no_such_key]')
  })

  it.each([
    [['keys', 'limit', 'x'], 'no changes specified'],
    [['keys', 'create', 'x', '--budget', 'much'], '--budget: "much" is not an amount of money'],
    [['keys', 'create', 'x', '--budget', '1', '--budget-tokens', '1'], 'cannot be combined'],
    [
      ['keys', 'create', 'x', '--max-concurrent', '1.5'],
      '--max-concurrent: "1.5" is not a whole number, or none',
    ],
    [['keys', 'create', 'x', '--models', 'a,,b'], '--models: "a,,b" is not a list of names'],
    [['keys', 'create', 'x', '--expires', 'soon'], '--expires: "soon" is not a date'],
    [['usage', '--month', '2026-13'], '--month: "2026-13" is not a month'],
    [['usage', '--by', 'week'], "'week' is invalid"],
  ])('%j is refused', async (args, message) => {
    expect((await hadal(...args))[1]).toBe(2)
    expect(noted()).toContain(message)
  })

  it('says where the database may be named, and makes none where there must be one', async () => {
    expect((await hadal('keys', 'list'))[1]).toBe(1)
    expect(noted()).toContain('error[database_unusable]')
    terminal = recordingTerminal({ folder })
    expect((await hadal('keys', 'list'))[1]).toBe(2)
    expect(noted()).toContain('HADAL_DATABASE')
    writeFileSync(join(folder, 'hadal.config.json'), JSON.stringify({ database, currency: 'EUR' }))
    await hadal('keys', 'create', 'blue', '--budget', '3')
    expect((await hadal('keys', 'list'))[0]).toContain('3.00 EUR/month')
  })
})

describe('hadal usage', () => {
  it('says what was used, by key, model and day', async () => {
    const [secret] = await hadal('keys', 'create', 'blue')
    await hadal('keys', 'create', 'green')
    expect((await hadal('usage'))[0]).toContain('no usage')
    {
      const prices = { big: { input: 2, output: 10 } }
      await using accounts = await openAccounts({ database, journalDir: join(folder, 'journal'), prices })
      const caller = await accounts.identify(secret)
      for (const model of ['big', 'big', 'small']) {
        using place = await accounts.admit(caller, { id: 'r', model, promptTokens: 9, maxTokens: 9 })
        place.settle({ promptTokens: 123_456, cachedTokens: 1000, completionTokens: 50_000 })
      }
    }
    const [byKey] = await hadal('usage')
    expect(byKey).toMatch(/^key +requests +prompt +of it cached +completion +USD$/m)
    expect(byKey).toMatch(/^blue +3 +370,368 +3,000 +150,000 +1\.49$/m)
    const [byModel] = await hadal('usage', '--by', 'model', '--key', 'blue')
    expect(byModel).toMatch(/^big +2 .*\nsmall +1 .* 0\.00\nall +3 /m)
    const byDay = JSON.parse((await hadal('usage', '--by', 'day', '--json'))[0])
    expect(byDay.usage).toEqual([expect.objectContaining({ requests: 3, costMicros: 1_493_824 })])
    expect((await hadal('usage', '--key', 'red'))[1]).toBe(1)
  })
})
