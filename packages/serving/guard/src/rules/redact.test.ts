import fc from 'fast-check'
import { expect, it } from 'vitest'
import { redact, redactionsOf } from './redact.ts'

const finding = (start: number, end: number, replacement?: string) => ({
  rule: 'r',
  span: { start, end },
  ...(replacement !== undefined && { replacement }),
})

it('replaces what was found, and nothing else', () => {
  expect(redact('call 12 or 34', [finding(11, 13, '[b]'), finding(5, 7, '[a]')])).toBe('call [a] or [b]')
  expect(redact('abc', [finding(1, 2)])).toBe('a[redacted]c')
  expect(redact('abc', [finding(1, 2, '')])).toBe('ac')
  expect(redact('abc', [])).toBe('abc')
})

it('makes one of what overlaps, named by what starts first, then by what was named first', () => {
  expect(redact('abcdefg', [finding(3, 6, '[late]'), finding(1, 4, '[early]')])).toBe('a[early]g')
  expect(redact('abcdefg', [finding(1, 2, '[severe]'), finding(1, 5, '[mild]')])).toBe('a[severe]fg')
})

it('makes one of neighbours that are replaced alike', () => {
  expect(redact('abcd', [finding(0, 1, '[x]'), finding(1, 2, '[x]'), finding(2, 3, '[y]')])).toBe('[x][y]d')
})

it('leaves nothing of what was found and all of the rest', () => {
  const spans = fc.array(fc.tuple(fc.nat(40), fc.nat(40)), { maxLength: 12 })
  fc.assert(
    fc.property(spans, (pairs) => {
      const text = Array.from({ length: 40 }, (_, at) => String.fromCharCode(0x4e00 + at)).join('')
      const findings = pairs.map(([a, b]) => finding(Math.min(a, b), Math.max(a, b), '.'))
      const kept = [...text].filter(
        (_, at) => !findings.some(({ span }) => span.start <= at && at < span.end),
      )
      expect(redact(text, findings).replaceAll('.', '')).toBe(kept.join(''))
      const merged = redactionsOf(findings)
      for (let at = 1; at < merged.length; at++)
        expect(merged[at]!.span.start).toBeGreaterThan(merged[at - 1]!.span.end)
    }),
  )
})
