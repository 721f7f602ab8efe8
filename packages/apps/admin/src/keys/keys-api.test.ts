import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAccounts } from '@hadal/accounts'
import { silentLogger } from '@hadal/base'
import { createFakeEngine } from '@hadal/engine'
import type { KeyList, MadeKey, ServiceKey, UsageReport } from '@hadal/protocol'
import { createServer, type HadalServer } from '@hadal/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type OpenKeysApi, openKeysApi } from './keys-api.ts'

let folder: string
let database: string
let keys: OpenKeysApi
let server: HadalServer
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-keys-door-'))
  database = join(folder, 'accounts.sqlite')
  keys = openKeysApi({ database, currency: () => 'EUR', logger: silentLogger })
  server = createServer({ engines: [createFakeEngine()], operations: { keys } })
})
afterEach(async () => {
  await server.close()
  await keys[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

async function ask<T>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, body?: unknown) {
  const { statusCode, body: text } = await server.inject({
    method,
    url,
    ...(body !== undefined && {
      payload: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  })
  return { status: statusCode, text, json: JSON.parse(text) as T }
}

const make = async (name: string, limits: object = {}): Promise<MadeKey> => {
  const { status, json } = await ask<MadeKey>('POST', '/hadal/keys', { name, ...limits })
  expect(status).toBe(201)
  return json
}

describe('keys of a database, over HTTP', () => {
  it('are made, and their secret is answered once', async () => {
    const { key, secret } = await make(' blue ', {
      requestsPerMinute: 60,
      budget: { unit: 'micros', amount: 5_000_000 },
      models: ['nano', 'qwen*'],
    })
    expect(secret).toMatch(/^hdl_[\w-]{43}$/)
    expect(key).toMatchObject({ name: 'blue', requestsPerMinute: 60, models: ['nano', 'qwen*'] })
    const list = await ask<KeyList>('GET', '/hadal/keys')
    expect(list.text).not.toContain(secret)
    expect(list.json).toMatchObject({
      currency: 'EUR',
      month: expect.stringMatching(/^\d{4}-\d\d$/),
      keys: [{ id: key.id, used: { requests: 0, tokens: 0, costMicros: 0 } }],
    })
  })

  it('get other limits, and null takes one away', async () => {
    const { key } = await make('blue', { requestsPerMinute: 60, maxConcurrent: 2 })
    const changes = { requestsPerMinute: null, tokensPerMinute: 5000 }
    const { json } = await ask<ServiceKey>('PATCH', `/hadal/keys/${key.id}`, changes)
    expect(json).toMatchObject({ tokensPerMinute: 5000, maxConcurrent: 2 })
    expect(json.requestsPerMinute).toBeUndefined()
    const [listed] = (await ask<KeyList>('GET', '/hadal/keys')).json.keys
    expect(listed).toMatchObject({ tokensPerMinute: 5000, maxConcurrent: 2 })
    expect(listed!.requestsPerMinute).toBeUndefined()
  })

  it('are revoked, and stay in the list', async () => {
    const { key } = await make('blue')
    const { json } = await ask<ServiceKey>('DELETE', `/hadal/keys/${key.id}`)
    expect(json.revokedAt).toBeGreaterThan(0)
    expect((await ask<KeyList>('GET', '/hadal/keys')).json.keys[0]!.revokedAt).toBe(json.revokedAt)
  })

  it.each([
    ['POST', '/hadal/keys', { name: '  ' }, 400, 'invalid_request'],
    ['POST', '/hadal/keys', { name: 'a\0b' }, 400, 'invalid_request'],
    ['POST', '/hadal/keys', { name: 'x', models: ['a\nb'] }, 400, 'invalid_request'],
    ['POST', '/hadal/keys', { name: 'x', budget: { unit: 'gold', amount: 1 } }, 400, 'invalid_request'],
    ['POST', '/hadal/keys', { name: 'x', requestsPerMinute: 0.5 }, 400, 'invalid_key_limits'],
    ['POST', '/hadal/keys', { name: 'x', models: [] }, 400, 'invalid_request'],
    ['PATCH', '/hadal/keys/key_none', { weight: 2 }, 404, 'no_such_key'],
    ['PATCH', '/hadal/keys/key_none', {}, 400, 'invalid_request'],
    ['DELETE', '/hadal/keys/key_none', undefined, 404, 'no_such_key'],
    ['GET', '/hadal/usage?by=week', undefined, 400, 'invalid_request'],
    ['GET', '/hadal/usage?month=2026-13', undefined, 400, 'invalid_request'],
    ['GET', '/hadal/usage?by=month&month=0000-01', undefined, 400, 'invalid_request'],
    ['GET', '/hadal/usage?by=key&by=day', undefined, 400, 'invalid_request'],
    ['GET', '/hadal/usage?key=nobody', undefined, 404, 'no_such_key'],
  ] as const)('%s %s %j is refused', async (method, url, body, status, code) => {
    const answer = await ask<{ error: { code: string } }>(method, url, body)
    expect([answer.status, answer.json.error.code]).toEqual([status, code])
  })
})

describe('what was used, over HTTP', () => {
  it('comes by key, model, day and month', async () => {
    const { key, secret } = await make('blue')
    {
      const prices = { big: { input: 2, output: 10 } }
      await using accounts = await openAccounts({ database, journalDir: join(folder, 'journal'), prices })
      const caller = await accounts.identify(secret)
      for (const model of ['big', 'small']) {
        using place = await accounts.admit(caller, { id: 'r', model, promptTokens: 9, maxTokens: 9 })
        place.settle({ promptTokens: 1000, cachedTokens: 10, completionTokens: 100 })
      }
    }
    const usage = async (query: string) => (await ask<UsageReport>('GET', `/hadal/usage?${query}`)).json.usage
    expect(await usage('by=key')).toEqual([
      expect.objectContaining({ of: key.id, name: 'blue', requests: 2, costMicros: 3000 }),
    ])
    expect((await usage(`by=model&key=${key.id}`)).map(({ of, costMicros }) => [of, costMicros])).toEqual([
      ['big', 3000],
      ['small', 0],
    ])
    expect(await usage('by=day')).toEqual([expect.objectContaining({ requests: 2, cachedTokens: 20 })])
    const months = await usage('by=month')
    expect([months.length, months.at(-1)!.requests, months[0]!.requests]).toEqual([12, 2, 0])
    expect(await usage('by=day&month=2020-02')).toEqual([])
  })
})

describe('without a database', () => {
  it('there are no keys, and it is said how to get one', async () => {
    await using bare = createServer({ engines: [createFakeEngine()] })
    const answer = await bare.inject('/hadal/keys')
    expect([answer.statusCode, answer.json().error.code]).toEqual([404, 'operation_unavailable'])
    expect(answer.json().error.message).toContain('database:')
  })
})
