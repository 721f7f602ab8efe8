import { expect, it } from 'vitest'
import { readAudit } from './read-audit.ts'

it('fails for high and critical holes alone, and names all of them', () => {
  const report = (...severities: string[]): string =>
    JSON.stringify({
      vulnerabilities: Object.fromEntries(
        severities.map((severity, at) => [`p${at}`, { severity, range: '<2' }]),
      ),
    })
  expect(readAudit(report())).toEqual({ outcome: 'good', lines: [] })
  expect(readAudit(report('low', 'moderate'))).toEqual({
    outcome: 'good',
    lines: ['low: p0 <2', 'moderate: p1 <2'],
  })
  expect(readAudit(report('low', 'high')).outcome).toBe('bad')
  expect(readAudit(report('critical'))).toEqual({ outcome: 'bad', lines: ['critical: p0 <2'] })
})

it.each([
  ['{"message":"405 Method Not Allowed","error":{"summary":""}}', '405 Method Not Allowed'],
  ['npm error\n{"error":{"code":"ENOAUDIT","summary":"no such endpoint"}}\n', 'no such endpoint'],
  ['{"message":"spawnSync npm ETIMEDOUT"}', 'ETIMEDOUT'],
  ['', 'gave no report'],
  ['<html>', 'gave no report'],
])('cannot say anything after %j, and says so', (output, reason) => {
  const { outcome, lines } = readAudit(output)
  expect(outcome).toBe('unknown')
  expect(lines.join()).toContain(reason)
})
