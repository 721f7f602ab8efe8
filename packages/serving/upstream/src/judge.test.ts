import { describe, expect, it } from 'vitest'
import type { Outcome } from './attempt.ts'
import { judge } from './judge.ts'

const context = { id: 'm', limitMillis: 500, wallClock: 0, secrets: ['the-secret'] }
const refused = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  judge({ kind: 'refused', status, headers, text: JSON.stringify(body) }, context)
const said = { error: { message: 'so it is', param: 'n' } }

describe('a refusal', () => {
  it.each([
    [400, 'upstream_refused', 400, false, false],
    [404, 'upstream_refused', 404, false, false],
    [422, 'upstream_refused', 422, false, false],
    [429, 'upstream_refused', 429, true, false],
    [401, 'upstream_failed', 502, false, false],
    [402, 'upstream_failed', 502, false, false],
    [403, 'upstream_failed', 502, false, false],
    [500, 'upstream_failed', 502, false, true],
    [501, 'upstream_failed', 502, false, true],
    [502, 'upstream_failed', 502, true, true],
    [503, 'upstream_unavailable', 503, true, true],
    [504, 'upstream_timeout', 504, true, true],
    [302, 'upstream_failed', 502, false, true],
  ])('with status %d is %s', (status, code, ours, mayRetry, isFailure) => {
    const verdict = refused(status, said)
    expect(verdict.error).toMatchObject({ code, status: ours })
    expect([verdict.mayRetry, verdict.failure !== undefined]).toEqual([mayRetry, isFailure])
  })

  it('keeps message and field', () => {
    expect(refused(400, said).error).toMatchObject({ message: 'so it is', param: 'n' })
  })

  it('makes a replica rest that says for how long, without holding it against it', () => {
    expect(refused(503, said, { 'retry-after': '3' })).toMatchObject({ restMillis: 3000, failure: undefined })
    expect(refused(429, said, { 'retry-after': '7' })).toMatchObject({
      restMillis: 7000,
      error: { retryAfterSeconds: 7 },
    })
    expect(refused(429, said)).toMatchObject({ restMillis: 1000 })
  })

  it('says no credential', () => {
    expect(refused(401, { error: 'the-secret is wrong' }).error.message).not.toContain('the-secret')
  })
})

it.each<[Exclude<Outcome, { kind: 'answer' | 'refused' }>, string, boolean, boolean]>([
  [{ kind: 'failed', how: 'connect', why: 'x' }, 'upstream_unavailable', true, true],
  [{ kind: 'failed', how: 'broken', why: 'x' }, 'upstream_failed', false, true],
  [{ kind: 'failed', how: 'hung', why: 'x' }, 'upstream_timeout', false, true],
  [{ kind: 'left' }, 'upstream_unavailable', true, false],
])('%j is %s', (outcome, code, isFree, isFailure) => {
  const verdict = judge(outcome, context)
  expect(verdict.error.code).toBe(code)
  expect([verdict.mayRetry, verdict.isFree, verdict.failure !== undefined]).toEqual([true, isFree, isFailure])
})
