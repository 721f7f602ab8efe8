import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type HadalError, ManualClock } from '@hadal/base'
import { createTelemetry } from '@hadal/telemetry'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Accounts } from './accounts.ts'
import { type Administration, type LimitChanges, openAdministration } from './administer.ts'
import { type AccountsOptions, openAccounts } from './open-accounts.ts'

let folder: string
let clock: ManualClock
let database: string
let administration: Administration
const opened: AsyncDisposable[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-accounts-'))
  clock = new ManualClock(Date.UTC(2026, 10, 15))
  database = join(folder, 'accounts.sqlite')
  administration = await openAdministration({ database, clock })
})
afterEach(async () => {
  for (const each of opened.splice(0)) await each[Symbol.asyncDispose]()
  await administration[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const open = async (options: Partial<AccountsOptions> = {}): Promise<Accounts> => {
  const accounts = await openAccounts({ database, journalDir: join(folder, 'journal'), clock, ...options })
  opened.push(accounts)
  return accounts
}
const keyWith = async (limits: LimitChanges = {}, name = 'somebody') =>
  await administration.create(name, limits)
const request = (promptTokens = 10, maxTokens = 10, model = 'nano') => ({
  id: 'r',
  model,
  promptTokens,
  maxTokens,
})
const used = (promptTokens: number, completionTokens: number, cachedTokens = 0) => ({
  promptTokens,
  cachedTokens,
  completionTokens,
})
const refusal = async (promise: Promise<unknown>): Promise<HadalError> =>
  await promise.then(
    () => expect.fail('it was let in'),
    (error: HadalError) => error,
  )

describe('who asks', () => {
  it('is known by a key, and by no other', async () => {
    const accounts = await open()
    const { key, secret } = await keyWith({ priority: 5, weight: 2, models: ['nano*'] })
    expect(secret).toMatch(/^hdl_[\w-]{43}$/)
    expect(key.prefix).toBe(`${secret.slice(0, 10)}...`)
    const caller = await accounts.identify(secret)
    expect(caller).toEqual({ id: key.id, name: 'somebody', priority: 5, weight: 2, models: ['nano*'] })
    expect(await refusal(accounts.identify(undefined))).toMatchObject({ code: 'key_missing', status: 401 })
    expect(await refusal(accounts.identify(`${secret.slice(0, -4)}AAAA`))).toMatchObject({
      code: 'key_unknown',
    })
    const other = await refusal(accounts.identify('my password'))
    expect(other.message).not.toContain('password')
  })

  it('is not known any more 5 seconds after a key was revoked, or when its time is over', async () => {
    const accounts = await open()
    const { key, secret } = await keyWith({ expiresAt: clock.wallClock() + 60_000 })
    await accounts.identify(secret)
    await administration.revoke(key.id)
    clock.advance(4999)
    await accounts.identify(secret)
    clock.advance(1)
    expect(await refusal(accounts.identify(secret))).toMatchObject({ code: 'key_unknown' })
    const late = await keyWith({ expiresAt: clock.wallClock() + 1000 })
    await accounts.identify(late.secret)
    clock.advance(1000)
    expect(await refusal(accounts.identify(late.secret))).toMatchObject({ code: 'key_expired' })
  })
})

describe('limits', () => {
  const admitted = async (limits: LimitChanges, options: Partial<AccountsOptions> = {}) => {
    const accounts = await open(options)
    const caller = await accounts.identify((await keyWith(limits)).secret)
    return {
      accounts,
      caller,
      admit: (...given: Parameters<typeof request>) => accounts.admit(caller, request(...given)),
    }
  }

  it('of requests a minute refuse the next, and say exactly when it fits', async () => {
    const { admit } = await admitted({ requestsPerMinute: 6 })
    for (let left = 5; left >= 0; left -= 1) {
      const { headers } = await admit()
      expect(headers).toMatchObject({
        'x-ratelimit-limit-requests': '6',
        'x-ratelimit-remaining-requests': String(left),
      })
      expect(headers['x-ratelimit-reset-requests']).toBe(left === 0 ? '1m0s' : `${(6 - left) * 10}s`)
    }
    clock.advance(4000)
    const error = await refusal(admit())
    expect(error).toMatchObject({ code: 'rate_limited', status: 429 })
    expect(error.message).toContain('6 requests per minute')
    expect(error.retryAfterSeconds).toBeCloseTo(6)
    clock.advance(6000)
    await admit()
    expect(await refusal(admit())).toMatchObject({ code: 'rate_limited' })
  })

  it('of tokens a minute reserve the longest answer and give back what was not used', async () => {
    const { admit } = await admitted({ tokensPerMinute: 1000 })
    const first = await admit(100, 800)
    const error = await refusal(admit(100, 100))
    expect(error).toMatchObject({ code: 'rate_limited', facts: { limit: 1000, needed: 200, left: 100 } })
    expect(error.message).toContain('1000 tokens per minute')
    expect(error.retryAfterSeconds).toBeCloseTo(6)
    first.settle(used(100, 20))
    first[Symbol.dispose]()
    clock.advance(1000)
    using _ = await admit(100, 700)
    expect(await refusal(admit(900, 101))).toMatchObject({ code: 'token_limit_exceeded', status: 400 })
  })

  it('give back the tokens of a request that was never settled', async () => {
    const { admit } = await admitted({ tokensPerMinute: 1000 })
    ;(await admit(500, 500))[Symbol.dispose]()
    clock.advance(1000)
    await admit(500, 500)
  })

  it('of requests at a time count those that have not ended', async () => {
    const { admit } = await admitted({ maxConcurrent: 2 })
    const first = await admit()
    await admit()
    expect(await refusal(admit())).toMatchObject({
      code: 'concurrency_limited',
      status: 429,
      facts: { limit: 2 },
    })
    first[Symbol.dispose]()
    first[Symbol.dispose]()
    await admit()
    expect(await refusal(admit())).toMatchObject({ code: 'concurrency_limited' })
  })

  it('of the month in tokens are reserved, corrected, and begin anew', async () => {
    const { accounts, admit } = await admitted({ budget: { unit: 'tokens', amount: 1000 } })
    {
      using first = await admit(500, 400)
      expect(await refusal(admit(100, 1))).toMatchObject({ code: 'budget_exhausted', status: 402 })
      first.settle(used(500, 100))
    }
    await accounts.flush()
    clock.advance(1000)
    using second = await admit(300, 100)
    second.settle(used(300, 100))
    second[Symbol.dispose]()
    await accounts.flush()
    clock.advance(1000)
    const error = await refusal(admit(1, 0))
    expect(error.message).toContain('0 tokens of the monthly budget')
    expect(error.message).toContain('2026-12-01')
    clock.advance(16 * 86_400_000)
    const caller = await accounts.identify((await keyWith()).secret)
    expect(caller).toBeDefined()
    await admit(500, 500)
  })

  it('of the month in money know only models that have a price', async () => {
    const prices = { 'big-*': { input: 2, cachedInput: 0.5, output: 10 } }
    const { accounts, admit } = await admitted({ budget: { unit: 'micros', amount: 1_000_000 } }, { prices })
    expect(await refusal(admit(1, 1, 'nano'))).toMatchObject({ code: 'model_unpriced', status: 403 })
    {
      using place = await admit(100_000, 50_000, 'big-one')
      place.settle(used(100_000, 20_000, 40_000))
    }
    await accounts.flush()
    const [sum] = await administration.usage({ by: 'model', month: '2026-11' })
    expect(sum).toEqual({
      of: 'big-one',
      requests: 1,
      promptTokens: 100_000,
      cachedTokens: 40_000,
      completionTokens: 20_000,
      costMicros: 340_000,
    })
    clock.advance(1000)
    expect(await refusal(admit(100_000, 50_000, 'big-one'))).toMatchObject({ code: 'budget_exhausted' })
    await admit(100_000, 40_000, 'big-one')
  })

  it('of models', async () => {
    const { admit } = await admitted({ models: ['nano', 'qwen*-instruct'] })
    await admit(1, 1, 'nano')
    await admit(1, 1, 'qwen3-8b-instruct')
    const error = await refusal(admit(1, 1, 'qwen3-8b'))
    expect(error).toMatchObject({ code: 'model_forbidden', status: 403 })
    expect(error.message).toContain('nano, qwen*-instruct')
  })

  it('that are changed hold within 5 seconds', async () => {
    const accounts = await open()
    const { key, secret } = await keyWith({ requestsPerMinute: 1 })
    const admit = async () => await accounts.admit(await accounts.identify(secret), request())
    await admit()
    expect(await refusal(admit())).toMatchObject({ code: 'rate_limited' })
    await administration.limit(key.id, { requestsPerMinute: 3 })
    clock.advance(5000)
    for (let count = 0; count < 3; count += 1) await admit()
    expect(await refusal(admit())).toMatchObject({ code: 'rate_limited' })
    await administration.limit(key.id, { requestsPerMinute: undefined })
    clock.advance(5000)
    for (let count = 0; count < 30; count += 1) await admit()
  })

  it('there are none where nothing was said', async () => {
    const { admit } = await admitted({})
    const places = await Promise.all(Array.from({ length: 500 }, () => admit(1e6, 1e6)))
    expect(places[0]!.headers).toEqual({})
  })

  it('hold over a restart', async () => {
    const accounts = await open()
    const { secret } = await keyWith({ requestsPerMinute: 3 })
    for (let count = 0; count < 3; count += 1)
      await accounts.admit(await accounts.identify(secret), request())
    await accounts[Symbol.asyncDispose]()
    const later = await open()
    const error = await refusal(later.admit(await later.identify(secret), request()))
    expect(error.retryAfterSeconds).toBeCloseTo(20)
  })
})

describe('usage', () => {
  it('is in the journal before it is in the database, and counted once', async () => {
    const accounts = await open()
    const { key, secret } = await keyWith()
    const caller = await accounts.identify(secret)
    for (let count = 0; count < 20; count += 1) {
      using place = await accounts.admit(caller, request())
      place.settle(used(7, 3))
      place.settle(used(1000, 1000))
    }
    expect(await administration.usage({ by: 'key', month: '2026-11' })).toEqual([])
    await accounts.flush()
    await accounts.flush()
    const sums = await administration.usage({ by: 'key', month: '2026-11' })
    expect(sums).toEqual([
      expect.objectContaining({ of: key.id, requests: 20, promptTokens: 140, completionTokens: 60 }),
    ])
    expect(readdirSync(join(folder, 'journal')).filter((name) => name.startsWith('usage'))).toEqual([])
    const list = await administration.list()
    expect(list[0]!.used).toEqual({ requests: 20, tokens: 200, costMicros: 0 })
    await expect(administration.usage({ by: 'key', month: '2026-11', key: 'nobody' })).rejects.toThrow(
      'there is no key',
    )
  })

  it('that an earlier process left is counted at the start, but for a line that was cut short', async () => {
    const journalDir = join(folder, 'journal')
    const first = await open()
    await first[Symbol.asyncDispose]()
    const line = (id: string) => JSON.stringify([id, 'r', 'k', 'nano', clock.wallClock(), 5, 0, 5, 0])
    writeFileSync(
      join(journalDir, 'usage-000000000007.jsonl'),
      `${line('a')}\n${line('b')}\n${line('a')}\nnonsense\n${line('c').slice(0, 20)}`,
    )
    await open()
    expect(await administration.usage({ by: 'day', month: '2026-11' })).toEqual([
      expect.objectContaining({ of: '2026-11-15', requests: 2, promptTokens: 10 }),
    ])
  })

  it('is written to a folder by one process', async () => {
    await open()
    await expect(open()).rejects.toMatchObject({ code: 'journal_in_use' })
  })
})

it('says what it refused and how the database is, as metrics', async () => {
  const telemetry = createTelemetry()
  expect((await telemetry.expose()).text).not.toContain('hadal_accounts_database_up 0')
  const accounts = await open({ telemetry })
  await refusal(accounts.identify(undefined))
  const caller = await accounts.identify((await keyWith()).secret)
  using place = await accounts.admit(caller, request())
  place.settle(used(1, 1))
  const { text } = await telemetry.expose()
  expect(text).toContain('hadal_key_refusals_total{reason="key_missing"} 1')
  expect(text).toContain('hadal_usage_journal_backlog 1')
  expect(text).toContain('hadal_accounts_database_up 1')
})

it('what makes no sense is refused', async () => {
  await expect(keyWith({ requestsPerMinute: 0, weight: -1, models: [''] })).rejects.toMatchObject({
    code: 'invalid_key_limits',
    message: expect.stringContaining('requests a minute is 0'),
  })
  await keyWith({}, 'twin')
  await keyWith({}, 'twin')
  await expect(administration.revoke('twin')).rejects.toMatchObject({
    code: 'no_such_key',
    message: expect.stringContaining('2 keys'),
  })
  await expect(
    open({ database: join(database, 'x.sqlite'), journalDir: join(folder, 'other') }),
  ).rejects.toMatchObject({ code: 'database_unusable' })
})
