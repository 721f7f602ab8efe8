import { describe, expect, it } from 'vitest'
import { argumentsOf, declaredErrors, defineError, HadalError, isHadalError, messageOf } from './errors.ts'

const tooSmall = defineError({
  code: 'test_too_small',
  status: 400,
  when: 'A test value is too small.',
  message: (value: number, least: number) => `${value} is less than ${least}`,
  help: (_value: number, least: number) => `Use at least ${least}.`,
  facts: (value: number, least: number) => ({ value, least }),
})

describe('defineError', () => {
  it('makes errors that carry code, status, message and help', () => {
    const error = tooSmall(1, 3)
    expect(error).toBeInstanceOf(HadalError)
    expect(error).toMatchObject({
      code: 'test_too_small',
      status: 400,
      message: '1 is less than 3',
      help: 'Use at least 3.',
    })
    expect(error.stack).toContain('errors.test.ts')
    expect(error.stack?.split('\n')[1]).not.toContain('errors.ts:')
  })

  it('refuses a code that is taken or oddly spelt', () => {
    expect(() => defineError({ ...tooSmall.spec, when: 'Something else happens.' })).toThrow('declared twice')
    expect(defineError(tooSmall.spec)(1, 3).code).toBe('test_too_small')
    expect(() => defineError({ ...tooSmall.spec, code: 'TooSmall' })).toThrow('lower_snake_case')
  })

  it('lists what was declared, by code', () => {
    const codes = declaredErrors().map((spec) => spec.code)
    expect(codes).toContain('test_too_small')
    expect(codes).toEqual([...codes].sort())
  })
})

describe('HadalError', () => {
  it('survives a process boundary', () => {
    const sent = tooSmall(1, 3).with({ retryAfterSeconds: 2, param: 'n' })
    const got = HadalError.revive(JSON.parse(JSON.stringify(sent)))
    expect(got.toJSON()).toEqual(sent.toJSON())
    expect(got.retryAfterSeconds).toBe(2)
    expect(got.param).toBe('n')
    expect(got.facts).toEqual({ value: 1, least: 3 })
  })

  it('remembers what it was made of, past a process boundary where that is short and plain', () => {
    const error = tooSmall(1, 3).with({ param: 'n' })
    expect(argumentsOf(error)).toEqual([1, 3])
    expect(Object.keys(error)).toEqual(Object.keys(new HadalError('', error)))
    expect(argumentsOf(HadalError.revive(JSON.parse(JSON.stringify(error.toWire()))))).toEqual([1, 3])
    // Logs and reports are not for that.
    expect(JSON.parse(JSON.stringify(error))).not.toHaveProperty('args')
    const endless = tooSmall(1, Number.POSITIVE_INFINITY)
    expect(argumentsOf(HadalError.revive(JSON.parse(JSON.stringify(endless.toWire()))))).toBeUndefined()
    expect(argumentsOf(new HadalError('made by hand', error))).toBeUndefined()
  })

  it('keeps the stack of the place that made it', () => {
    const error = tooSmall(1, 2)
    const copy = error.with({ param: 'n' })
    expect(copy.stack).toBe(error.stack)
    expect(copy.stack).toContain('errors.test.ts')
    expect(new Error('later').stack).toContain('errors.test.ts')
  })

  it('keeps the cause it is given', () => {
    const cause = new Error('disk')
    expect(tooSmall(1, 2).with({ cause }).cause).toBe(cause)
  })
})

it('messageOf reads whatever was thrown', () => {
  expect(messageOf(new Error('a'))).toBe('a')
  expect(messageOf('b')).toBe('b')
  expect(messageOf(undefined)).toBe('undefined')
})

it('knows an error of another copy of the package, and no other for one', () => {
  const foreign = Object.assign(new Error('m'), {
    name: 'HadalError',
    code: 'some_code',
    help: 'h',
    status: 400,
  })
  expect(isHadalError(foreign)).toBe(true)
  expect(isHadalError(Object.assign(new Error('m'), { code: 'ENOENT' }))).toBe(false)
  expect(isHadalError({ name: 'HadalError', code: 'some_code', help: 'h' })).toBe(false)
})
