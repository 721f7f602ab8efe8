import { expect, it } from 'vitest'
import { retryAfterMillis } from './retry-after.ts'

const now = Date.parse('Thu, 01 Jan 2026 00:00:00 GMT')

it.each([
  [undefined, undefined],
  ['', undefined],
  ['soon', undefined],
  ['7', 7000],
  ['0.5', 500],
  ['0', 0],
  ['3600', 60_000],
  ['Thu, 01 Jan 2026 00:00:05 GMT', 5000],
  ['Wed, 31 Dec 2025 23:00:00 GMT', 0],
])('Retry-After: %s is %s ms', (text, millis) => {
  const headers = new Headers(text === undefined ? {} : { 'retry-after': text })
  expect(retryAfterMillis(headers, now)).toBe(millis)
})
