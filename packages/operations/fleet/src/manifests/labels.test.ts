import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { labelValue, nameWith } from './labels.ts'

describe('nameWith', () => {
  it('is a name of at most 63 signs, and another one for another name', () => {
    const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,80}[a-z0-9])?$/)
    fc.assert(
      fc.property(name, name, (one, other) => {
        const named = nameWith(one, 'config-01234567')
        expect(named).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
        expect(named.endsWith('-config-01234567')).toBe(true)
        if (one !== other) expect(nameWith(other, 'config-01234567')).not.toBe(named)
      }),
    )
  })

  it('is plain where there is room', () => {
    expect(nameWith('hadal', 'tls')).toBe('hadal-tls')
  })
})

describe('labelValue', () => {
  it('is a value of at most 63 signs, and another one for another text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), fc.string({ maxLength: 100 }), (one, other) => {
        const value = labelValue(one)
        expect(value).toMatch(/^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/)
        if (one !== other) expect(labelValue(other)).not.toBe(value)
      }),
    )
  })

  it('keeps what may be one, and what can be kept of others', () => {
    expect(labelValue('deepseek-v3')).toBe('deepseek-v3')
    expect(labelValue('org/model:tag')).toMatch(/^org-model-tag-[0-9a-f]{8}$/)
  })
})
