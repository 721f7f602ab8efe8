import { describe, expect, it } from 'vitest'
import { incomingHeaders, outgoingHeaders, retryAfterMillis } from './headers.ts'

describe('upstream go', () => {
  it('the client’s headers but for its connection, its credentials and its body', () => {
    const given = {
      Authorization: 'Bearer mine',
      'x-api-key': 'mine',
      cookie: 'a=b',
      connection: 'keep-alive',
      'content-length': '12',
      'x-forwarded-for': '10.0.0.1',
      'user-agent': 'openai',
      traceparent: '00-1-2-01',
      'x-many': ['a', 'b'],
      'x-none': undefined,
    }
    expect(outgoingHeaders({ id: 'r', apiKey: undefined, own: {}, given })).toEqual({
      'user-agent': 'openai',
      traceparent: '00-1-2-01',
      'x-many': 'a, b',
      'content-type': 'application/json',
      'accept-encoding': 'identity',
      'x-request-id': 'r',
    })
  })

  it('our credentials, also as Anthropic’s clients say them, and our own headers before the client’s', () => {
    const headers = outgoingHeaders({
      id: 'r',
      apiKey: 'ours',
      own: { 'X-Tenant': 'us' },
      given: { 'anthropic-version': '2023-06-01', 'x-tenant': 'them' },
    })
    expect(headers).toMatchObject({ authorization: 'Bearer ours', 'x-api-key': 'ours', 'x-tenant': 'us' })
  })
})

it('only the response headers that describe the response are returned', () => {
  const headers = {
    'content-type': 'text/event-stream',
    server: 'uvicorn',
    'set-cookie': ['a'],
    'x-ratelimit-remaining': '3',
  }
  expect(incomingHeaders(headers)).toEqual({
    'content-type': 'text/event-stream',
    'x-ratelimit-remaining': '3',
  })
})

it.each([
  ['2', 2000],
  ['0.5', 500],
  ['Thu, 01 Jan 1970 00:00:05 GMT', 4000],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['999999999', 3_600_000],
  ['soon', undefined],
])('Retry-After: %s', (value, millis) => {
  expect(retryAfterMillis({ 'retry-after': value }, 1000)).toBe(millis)
})
