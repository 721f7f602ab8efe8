import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packReasoning, reasoningDigest, unpackReasoning } from './opaque-reasoning.ts'

describe('opaque reasoning', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(unpackReasoning(packReasoning(text))).toBe(text)
      }),
    )
  })

  it('is not read from strings of other servers, nor from a digest', () => {
    for (const foreign of [
      undefined,
      '',
      'EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pki',
      reasoningDigest('x'),
    ])
      expect(unpackReasoning(foreign)).toBeUndefined()
  })

  it('fits in a header, a URL and a line', () => {
    expect(packReasoning('ü\n"\0')).toMatch(/^[\w.+/=-]+$/)
    expect(reasoningDigest('ü\n')).toMatch(/^[\w+/=]{44}$/)
  })
})
