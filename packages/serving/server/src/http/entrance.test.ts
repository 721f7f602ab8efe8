import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Arrival, admit, type EntranceSettings } from './entrance.ts'

/** Header values as Node decodes them. */
const latin1 = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1'))

const open: EntranceSettings = {
  apiKeys: [],
  adminKeys: [],
  corsOrigins: [],
  hostNames: [],
  privateMetrics: false,
  asksElsewhere: false,
}
const here = { address: '127.0.0.1', isLocal: true }
const there = { address: '9.9.9.9', isLocal: false }

function outcome(arrival: Partial<Arrival>, settings: Partial<EntranceSettings> = {}): string {
  try {
    return admit(
      {
        method: 'GET',
        route: '/v1/models',
        url: '/v1/models',
        headers: {},
        origin: there,
        listener: 'only',
        listensLocally: false,
        ...arrival,
      },
      { ...open, ...settings },
    )
  } catch (thrown) {
    return (thrown as { code: string }).code
  }
}
const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } })
const adapters = { method: 'POST', route: '/lora-adapters' }
const slots = { route: '/slots' }

describe('clients', () => {
  it('are let in with a key of any kind, and without where there is none', () => {
    expect(outcome({})).toBe('in')
    expect(outcome({}, { apiKeys: ['k'] })).toBe('invalid_api_key')
    expect(outcome(bearer('x'), { apiKeys: ['k'] })).toBe('invalid_api_key')
    expect(outcome(bearer('k'), { apiKeys: ['k'] })).toBe('in')
    expect(outcome({ headers: { 'x-api-key': 'k' } }, { apiKeys: ['j', 'k'] })).toBe('in')
    expect(outcome(bearer('a'), { apiKeys: ['k'], adminKeys: ['a'] })).toBe('in')
    expect(outcome({}, { adminKeys: ['a'] })).toBe('in')
    expect(outcome({ route: undefined, url: '/nowhere' }, { apiKeys: ['k'] })).toBe('invalid_api_key')
  })

  it('are asked about elsewhere where keys are known there', () => {
    const elsewhere = { asksElsewhere: true, apiKeys: ['k'], adminKeys: ['a'] }
    expect(outcome({}, elsewhere)).toBe('askElsewhere')
    expect(outcome(bearer('x'), elsewhere)).toBe('askElsewhere')
    expect(outcome(bearer('k'), elsewhere)).toBe('in')
    expect(outcome(bearer('a'), elsewhere)).toBe('in')
    expect(outcome({ route: '/health' }, elsewhere)).toBe('in')
  })
})

describe('administrators', () => {
  it('need one of their keys where there are any', () => {
    for (const origin of [here, there]) {
      expect(outcome({ ...adapters, origin }, { adminKeys: ['a'] })).toBe('admin_key_needed')
      expect(outcome({ ...adapters, ...bearer('k'), origin }, { adminKeys: ['a'], apiKeys: ['k'] })).toBe(
        'admin_key_needed',
      )
      expect(outcome({ ...adapters, ...bearer('a'), origin }, { adminKeys: ['a'] })).toBe('in')
    }
  })

  it('sit at this machine where there are none', () => {
    expect(outcome({ ...adapters, origin: here })).toBe('in')
    expect(outcome({ ...adapters, origin: there })).toBe('admin_key_needed')
    expect(outcome({ ...adapters, origin: here }, { apiKeys: ['k'] })).toBe('invalid_api_key')
    expect(outcome({ ...adapters, ...bearer('k'), origin: here }, { apiKeys: ['k'] })).toBe('in')
    expect(outcome({ ...adapters, ...bearer('k'), origin: there }, { apiKeys: ['k'] })).toBe(
      'admin_key_needed',
    )
    expect(outcome({ route: '/hadal/timeline', ...bearer('k') }, { apiKeys: ['k'] })).toBe('admin_key_needed')
  })

  it('share the slots with clients that have a key', () => {
    expect(outcome({ ...slots, ...bearer('k') }, { apiKeys: ['k'] })).toBe('in')
    expect(outcome({ ...slots, method: 'HEAD', ...bearer('k') }, { apiKeys: ['k'] })).toBe('in')
    expect(outcome(slots, { apiKeys: ['k'] })).toBe('invalid_api_key')
    expect(outcome(slots)).toBe('admin_key_needed')
    expect(outcome({ ...slots, ...bearer('k') }, { apiKeys: ['k'], adminKeys: ['a'] })).toBe(
      'admin_key_needed',
    )
  })

  it('are never a page of another origin, nor a caller with a forged host name', () => {
    const from = (origin: string, host = 'localhost:8080') => ({
      ...adapters,
      origin: here,
      headers: { origin, host },
    })
    expect(outcome(from('http://localhost:8080'))).toBe('in')
    expect(outcome(from('http://evil.example'))).toBe('origin_not_allowed')
    expect(outcome(from('null'))).toBe('origin_not_allowed')
    expect(outcome(from('http://evil.example'), { corsOrigins: ['*'] })).toBe('origin_not_allowed')
    expect(outcome(from('https://ok.example'), { corsOrigins: ['https://ok.example'] })).toBe('in')
    expect(outcome(from('http://evil.example:8080', 'evil.example:8080'))).toBe('host_not_allowed')
  })

  it('may not embed what is for administrators, though browsers name no origin then; links may lead there', () => {
    const from = (site: string, mode: string) => ({
      ...adapters,
      origin: here,
      headers: { host: 'localhost:8080', 'sec-fetch-site': site, 'sec-fetch-mode': mode },
    })
    expect(outcome(from('cross-site', 'no-cors'))).toBe('origin_not_allowed')
    expect(outcome(from('same-site', 'no-cors'))).toBe('origin_not_allowed')
    expect(outcome(from('cross-site', 'navigate'))).toBe('in')
    expect(outcome(from('same-origin', 'cors'))).toBe('in')
    expect(outcome(from('none', 'navigate'))).toBe('in')
  })

  it('have metrics of their own where that is said', () => {
    expect(outcome({ route: '/metrics' })).toBe('in')
    expect(outcome({ route: '/metrics' }, { privateMetrics: true })).toBe('admin_key_needed')
    expect(outcome({ route: '/metrics', origin: here }, { privateMetrics: true })).toBe('in')
    expect(outcome({ route: '/metrics', ...bearer('a') }, { privateMetrics: true, adminKeys: ['a'] })).toBe(
      'in',
    )
  })

  it('come in by their own address where there is one, and find only their routes', () => {
    const keys = { adminKeys: ['a'] }
    expect(outcome({ ...adapters, ...bearer('a'), listener: 'main' }, keys)).toBe('route_not_found')
    expect(outcome({ ...adapters, ...bearer('a'), listener: 'admin' }, keys)).toBe('in')
    expect(outcome({ ...bearer('a'), listener: 'admin' }, keys)).toBe('route_not_found')
    expect(outcome({ listener: 'main' }, keys)).toBe('in')
    for (const listener of ['main', 'admin'] as const)
      expect(outcome({ route: '/health', listener }, keys)).toBe('in')
  })
})

describe('a server of this machine only that asks for no key', () => {
  const called = (host: string) => ({ listensLocally: true, origin: here, headers: { host } })

  it('is called by its own names', () => {
    expect(outcome(called('localhost:8080'))).toBe('in')
    expect(outcome(called('evil.example:8080'))).toBe('host_not_allowed')
    expect(outcome({ ...called('evil.example'), route: '/metrics' })).toBe('host_not_allowed')
    expect(outcome(called('gpu.lan'), { hostNames: ['gpu.lan'] })).toBe('in')
    expect(outcome({ listensLocally: true })).toBe('in')
  })

  it('does not check the host name when a key is sent, the proxy is trusted, or it listens publicly', () => {
    expect(
      outcome({ ...called('x'), headers: { host: 'x', authorization: 'Bearer k' } }, { apiKeys: ['k'] }),
    ).toBe('in')
    expect(outcome({ ...called('x'), origin: { ...there, host: 'x' } })).toBe('in')
    expect(outcome({ ...called('x'), listensLocally: false })).toBe('in')
  })
})

it('only known keys get access, whatever the headers contain', () => {
  const text = fc.oneof(latin1, fc.constantFrom('Bearer ', 'Bearer  k', 'bearer\tsecret'))
  fc.assert(
    fc.property(text, text, text, text, (authorization, key, host, page) => {
      const headers = { authorization, 'x-api-key': key, host, origin: page }
      const settings = { apiKeys: ['secret-of-clients'], adminKeys: ['secret-of-administrators'] }
      for (const route of ['/v1/models', '/slots', '/hadal/models/x/load', undefined])
        expect(outcome({ route, headers, origin: here }, settings)).not.toBe('in')
    }),
  )
})
