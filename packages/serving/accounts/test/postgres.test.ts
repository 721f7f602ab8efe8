import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAccounts, openAdministration } from '@hadal/accounts'
import { type Clock, systemClock } from '@hadal/base'
import { createTelemetry } from '@hadal/telemetry'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../../../kernel/base/test/eventually.ts'
import { Postgres, whyNoPostgres } from './postgres.ts'

const why = whyNoPostgres()
if (why !== undefined) console.warn(`skipped, accounts in PostgreSQL: ${why}`)

describe.skipIf(why !== undefined)('accounts in PostgreSQL', () => {
  let folder: string
  let postgres: Postgres
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hadal-accounts-'))
    postgres = await Postgres.start()
  })
  afterAll(async () => {
    await postgres[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })
  /** A clock with an adjustable offset: a gateway has its own share only after running for a while. */
  const skewed = () => {
    const clock = { ...systemClock, ahead: 0, now: () => performance.now() + clock.ahead }
    return clock
  }
  /** A busy machine must not look like an unavailable database. */
  const patienceMillis = 60_000
  const month = new Date().toISOString().slice(0, 7)
  const request = { id: 'r', model: 'nano', promptTokens: 10, maxTokens: 10 }
  const usage = { promptTokens: 7, cachedTokens: 2, completionTokens: 3 }

  it('has the tables made by one of those that come at once, and limits, keys and sums as in a file', async () => {
    const database = postgres.url
    const all = await Promise.all(Array.from({ length: 5 }, () => openAdministration({ database })))
    for (const each of all.slice(1)) await each[Symbol.asyncDispose]()
    await using administration = all[0]!
    const { key, secret } = await administration.create('blue', {
      requestsPerMinute: 3,
      tokensPerMinute: 1000,
      maxConcurrent: 2,
      budget: { unit: 'tokens', amount: 2 ** 45 },
      models: ['nano*'],
      weight: 0.5,
      expiresAt: Date.now() + 3_600_000,
    })
    await using accounts = await openAccounts({ database, journalDir: join(folder, 'first'), patienceMillis })
    const caller = await accounts.identify(secret)
    expect(caller).toMatchObject({ id: key.id, weight: 0.5, models: ['nano*'] })
    for (let count = 0; count < 3; count += 1) {
      using place = await accounts.admit(caller, request)
      expect(place.headers['x-ratelimit-remaining-requests']).toBe(String(2 - count))
      place.settle(usage)
    }
    await expect(accounts.admit(caller, request)).rejects.toMatchObject({ code: 'rate_limited' })
    await accounts.flush()
    const [sum] = await administration.usage({ by: 'key', month })
    expect(sum).toMatchObject({
      of: key.id,
      requests: 3,
      promptTokens: 21,
      cachedTokens: 6,
      completionTokens: 9,
    })
    expect((await administration.limit('blue', { budget: undefined })).budget).toBeUndefined()
    const [listed] = await administration.list()
    expect(listed).toMatchObject({
      name: 'blue',
      requestsPerMinute: 3,
      budget: undefined,
      used: { tokens: 30 },
    })
  })

  it('lets a client with one request at a time alternate between gateways', async () => {
    const database = postgres.url
    await using administration = await openAdministration({ database })
    const { secret } = await administration.create('pink', { maxConcurrent: 1 })
    // One gateway waits a few milliseconds until the other has returned a slot; longer on a busy machine.
    const clock: Clock = {
      ...systemClock,
      sleep: (millis, signal) => systemClock.sleep(millis < 100 ? 10 * millis : millis, signal),
    }
    await using first = await openAccounts({
      database,
      journalDir: join(folder, 'left'),
      patienceMillis,
      clock,
    })
    await using second = await openAccounts({
      database,
      journalDir: join(folder, 'right'),
      patienceMillis,
      clock,
    })
    // Succeeds once each knows of the other.
    await eventually(async () => {
      for (let count = 0; count < 20; count += 1) {
        const accounts = count % 2 === 0 ? first : second
        using place = await accounts.admit(await accounts.identify(secret), request)
        place.settle(usage)
      }
    })
    using _ = await first.admit(await first.identify(secret), request)
    const other = await second.identify(secret)
    await expect(second.admit(other, request)).rejects.toMatchObject({ code: 'concurrency_limited' })
  })

  it('serves on when the database hangs, and counts all of it when it is back', async () => {
    const database = postgres.url
    await using administration = await openAdministration({ database })
    const { key, secret } = await administration.create('green', { requestsPerMinute: 600 })
    const telemetry = createTelemetry()
    const clock = skewed()
    await using accounts = await openAccounts({
      database,
      journalDir: join(folder, 'second'),
      telemetry,
      clock,
    })
    clock.ahead = 60_000
    const admitOne = async (): Promise<boolean> => {
      try {
        using place = await accounts.admit(await accounts.identify(secret), request)
        place.settle(usage)
        return true
      } catch (error) {
        expect(error).toMatchObject({ code: 'rate_limited', retryAfterSeconds: expect.any(Number) })
        return false
      }
    }
    let admitted = 0
    for (let count = 0; count < 50; count += 1) if (await admitOne()) admitted += 1
    expect(admitted).toBe(50)
    postgres.freeze()
    try {
      for (let count = 0; count < 500; count += 1) if (await admitOne()) admitted += 1
      // What was leased, and then half of the limit: this is the only gateway.
      expect(admitted).toBeGreaterThan(50 + 250)
      expect((await telemetry.expose()).text).toContain('hadal_accounts_database_up 0')
    } finally {
      postgres.thaw()
    }
    await expect
      .poll(() =>
        accounts.flush().then(
          () => true,
          () => false,
        ),
      )
      .toBe(true)
    const sums = await administration.usage({ by: 'key', month, key: key.id })
    expect(sums).toEqual([expect.objectContaining({ requests: admitted })])
    expect((await telemetry.expose()).text).toContain('hadal_usage_journal_backlog 0')
  })

  it('takes back what was let in without it', async () => {
    const database = postgres.url
    await using administration = await openAdministration({ database })
    const clock = skewed()
    const { secret } = await administration.create('red', { requestsPerMinute: 60 })
    const begin = performance.now()
    await using accounts = await openAccounts({
      database,
      journalDir: join(folder, 'third'),
      clock,
      patienceMillis,
    })
    clock.ahead = 60_000
    const caller = await accounts.identify(secret)
    const admitAll = async (): Promise<number> => {
      for (let count = 0; ; count += 1) {
        try {
          ;(await accounts.admit(caller, request))[Symbol.dispose]()
        } catch {
          return count
        }
      }
    }
    await postgres.kill()
    const alone = await admitAll()
    expect(alone).toBeGreaterThanOrEqual(30)
    await postgres.restart()
    await expect
      .poll(() =>
        accounts.flush().then(
          () => true,
          () => false,
        ),
      )
      .toBe(true)
    let later = 0
    await eventually(async () => {
      later += await admitAll()
      expect(alone + later).toBeGreaterThanOrEqual(60)
    })
    // One request per second is refilled meanwhile.
    expect(alone + later).toBeLessThan(80 + (performance.now() - begin) / 1000)
  })
})
