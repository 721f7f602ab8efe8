import { expect, it } from 'vitest'
import { resolveSettings, serviceSettings } from '../index.ts'

const resolved = (sources: Parameters<typeof resolveSettings>[1]) => resolveSettings(serviceSettings, sources)

it('a guard is a preset or an object, from wherever it comes', () => {
  expect(resolved({}).values.guard).toBe('default')
  expect(resolved({ flags: { guard: 'strict' } }).values.guard).toEqual({ preset: 'strict' })
  expect(resolved({ env: { HADAL_GUARD: '{"falsePositiveRate":0.05}' } }).values.guard).toEqual({
    falsePositiveRate: 0.05,
  })
  const values = {
    guard: { preset: 'watch', checks: { classifier: 'block' }, budget: { lockoutMillis: '5m' } },
  }
  expect(resolved({ file: { path: 'hadal.config.ts', values } }).values.guard).toEqual({
    preset: 'watch',
    checks: { classifier: { action: 'block' } },
    budget: { lockoutMillis: 300_000 },
  })
})

it('every error in a guard is reported with its path', () => {
  const values = { guard: { presett: 'watch', checks: { clasifier: 'block' } } }
  expect(() => resolved({ file: { path: 'hadal.config.ts', values } })).toThrow(
    expect.objectContaining({
      message: expect.stringMatching(
        /hadal\.config\.ts: guard: unknown setting presett; did you mean preset\?\n.*guard\.checks: unknown check clasifier; did you mean classifier\?/,
      ),
    }),
  )
  expect(() => resolved({ env: { HADAL_GUARD: 'paranoid' } })).toThrow(/one of default, strict/)
})

it('a guard is shown in a line, without its secret', () => {
  const { show } = serviceSettings.guard.kind
  expect(show!('strict')).toBe('strict')
  expect(show!({ preset: 'strict', secret: 'hidden', reply: 'no' })).toBe('strict, but for secret, reply')
})
