import { isHadalError } from '@hadal/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parameterTypes } from './cpp-types.ts'
import { readOpSchema } from './op-schema.ts'

const codeOf = (name: string, schema: string): string => {
  try {
    readOpSchema(name, schema)
    return 'fine'
  } catch (thrown) {
    if (!isHadalError(thrown)) throw thrown
    return thrown.code
  }
}

describe('a schema', () => {
  it('is read by libtorch’s own parser', () => {
    const read = readOpSchema(
      'my::mix',
      '(Tensor a, Tensor? mask=None, *, int[2] kernel=1) -> (Tensor out, Tensor)',
    )
    expect(read.parameters).toMatchObject([
      { name: 'a', type: 'Tensor' },
      { name: 'mask', type: 'Tensor?' },
      { name: 'kernel', type: 'int[]' },
    ])
    expect(read.results.map(({ name }) => name)).toEqual(['out', 'result1'])
    expect([read.namespace, read.base]).toEqual(['my', 'mix'])
  })

  it('that cannot be parsed is reported in libtorch’s words, with the position', () => {
    expect(() => readOpSchema('my::op', '(Tensor a, Tenor b) -> Tensor')).toThrow(/Tenor/)
    expect(() => readOpSchema('my::op', '(Tensor a Tensor b) -> Tensor')).toThrow(
      /my::op: invalid schema[\s\S]*HERE/,
    )
    for (const schema of [
      '',
      '.out(Tensor a) -> Tensor',
      'x(Tensor a) -> Tensor',
      'Tensor',
      '(Tensor a)',
      '(Tensor a -> Tensor',
      '(Tensor a) -> Tensor, junk',
    ])
      expect(codeOf('my::op', schema)).toBe('op_schema_invalid')
    for (const name of ['op', 'my::', '::op', 'my:op', 'a::b::c', 'my::vector-add'])
      expect(codeOf(name, '(Tensor a) -> Tensor')).toBe('op_schema_invalid')
  })

  it.each([
    ['(SymInt n, Tensor a) -> Tensor', 'the argument n is of type SymInt'],
    ['(Tensor a, Device d) -> Tensor', 'the argument d is of type Device'],
    ['(Tensor a) -> str', 'a result is of type str'],
    ['(Tensor(a!) a) -> Tensor(a!)', 'a is marked as shared or changed in place'],
    ['(Tensor a) -> ()', 'it gives nothing'],
    ['(Tensor grad) -> Tensor', 'no argument can be named grad'],
    ['(Tensor double) -> Tensor', 'no argument can be named double'],
    ['(Tensor requires) -> Tensor', 'no argument can be named requires'],
    ['(Tensor handle) -> Tensor', 'no argument can be named handle'],
    ['(Tensor a) -> Tensor new', 'no result can be named new'],
    ['(Tensor a) -> (Tensor hadal_list, Tensor b)', 'no result can be named hadal_list'],
    ['(Tensor a) -> (Tensor a, Tensor b)', 'two arguments or results are named a'],
  ])('%s asks for what such operators cannot have', (schema, why) => {
    expect(codeOf('my::op', schema)).toBe('op_schema_unsupported')
    expect(() => readOpSchema('my::op', schema)).toThrow(why)
  })

  it('may be anything: it is read, or refused by its code', () => {
    const pieces = fc.constantFrom(
      ...[
        '(',
        ')',
        ' -> ',
        'Tensor',
        'int',
        '[]',
        '[2]',
        '?',
        ' a',
        ' b',
        ', ',
        '*',
        '=',
        'None',
        '1e-5',
        '"x"',
        '(a!)',
        '|',
        '\0',
        'é',
      ],
    )
    const mixed = fc.array(pieces, { maxLength: 14 }).map((list) => list.join(''))
    fc.assert(
      fc.property(fc.oneof(mixed, fc.string({ unit: 'binary', maxLength: 60 })), (schema) => {
        expect(['fine', 'op_schema_invalid', 'op_schema_unsupported']).toContain(codeOf('my::op', schema))
      }),
      { numRuns: 500 },
    )
  })

  it.each([['('], ['(Tensor a, ('], ['(Tensor[](']])('may nest as deep as there is room: %s', (begin) => {
    for (const length of [2000, 1_000_000]) {
      const nested = begin.padEnd(length, begin.at(-1)!)
      expect(codeOf('my::op', nested)).toBe('op_schema_invalid')
    }
    expect(codeOf('my::op', `(Tensor${'[]'.repeat(980)} a) -> Tensor`)).toBe('op_schema_unsupported')
  })

  it('has the arguments that it is written with', () => {
    const argument = fc.record({
      type: fc.constantFrom(...parameterTypes),
      name: fc.stringMatching(/^x_[a-z_0-9]{0,6}$/),
    })
    fc.assert(
      fc.property(fc.uniqueArray(argument, { selector: ({ name }) => name, maxLength: 8 }), (places) => {
        const text = places.map(({ type, name }) => `${type} ${name}`).join(', ')
        expect(readOpSchema('my::op', `(${text}) -> Tensor`).parameters).toMatchObject(places)
      }),
      { numRuns: 100 },
    )
  })
})
