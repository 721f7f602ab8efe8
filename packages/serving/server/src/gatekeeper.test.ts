import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAccounts, openAdministration } from '@hadal/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGatekeeper, estimateTokens, schedulingOfCaller } from './gatekeeper.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-gate-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('the gatekeeper', () => {
  it('knows a caller by either header, and what a body and its answers may come to', async () => {
    const database = join(folder, 'accounts.sqlite')
    await using administration = await openAdministration({ database })
    const { key, secret } = await administration.create('blue', { tokensPerMinute: 1000, priority: 3 })
    await using accounts = await openAccounts({ database, journalDir: join(folder, 'journal') })
    const gatekeeper = createGatekeeper(accounts)
    const caller = await gatekeeper.identify({ authorization: `Bearer ${secret}` })
    expect(await gatekeeper.identify({ 'x-api-key': secret })).toBe(caller)
    await expect(gatekeeper.identify({})).rejects.toMatchObject({ code: 'key_missing' })
    expect(schedulingOfCaller(caller, {})).toEqual({ client: key.id, priority: 3 })

    const request = { id: 'r', model: 'nano', bodyBytes: 300, maxTokens: 200, choices: 4 }
    {
      using admission = await gatekeeper.admit(caller, request)
      expect(admission.headers['x-ratelimit-remaining-tokens']).toBe('100')
      admission.settle({ promptTokens: 60, cachedTokens: 0, completionTokens: 40 })
    }
    await expect(gatekeeper.admit(caller, { ...request, choices: 5 })).rejects.toMatchObject({
      code: 'token_limit_exceeded',
    })
  })

  it('estimates too many tokens rather than too few', () => {
    expect(estimateTokens(0)).toBe(0)
    expect(estimateTokens(301)).toBe(101)
    expect(estimateTokens(Buffer.byteLength('{"prompt":"The cat sat on the mat."}'))).toBeGreaterThan(8)
  })

  it('lets a request ask for less urgency than its key has, never for more', () => {
    const caller = { id: 'key_1', name: 'blue', priority: 5 }
    expect(schedulingOfCaller(caller, { priority: -1000 }).priority).toBe(5)
    expect(schedulingOfCaller(caller, { priority: 9, deadlineMillis: 100 })).toEqual({
      client: 'key_1',
      priority: 9,
      deadlineMillis: 100,
    })
    expect(schedulingOfCaller({ id: 'key_2', name: 'green' }, { priority: -1 }).priority).toBe(0)
  })
})
