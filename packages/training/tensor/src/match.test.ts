import { describe, expect, it } from 'vitest'
import { Given, givenKind, match } from './match.ts'
import { Kind, type Overload, readOverloads } from './schema.ts'

const list = 1
const optional = 2
const keyword = 8
const defaulted = 64

const overload = (
  name: string,
  ...parameters: (string | number)[]
): Parameters<typeof readOverloads>[0][number] => [0, name, name, parameters, []]
const self = ['self', Kind.Tensor, 0, 0] as const

const sum: Overload[] = readOverloads([
  overload('', ...self, 'dtype', Kind.DType, keyword | optional | defaulted, 0),
  overload('dim', ...self, 'dim', Kind.Int, list | optional, 1, 'keepdim', Kind.Bool, defaulted, 0),
])
const max = readOverloads([
  overload('', ...self),
  overload('other', ...self, 'other', Kind.Tensor, 0, 0),
  overload('dim', ...self, 'dim', Kind.Int, 0, 0),
])
const split = readOverloads([
  overload('Tensor', ...self, 'size', Kind.Int, 0, 0, 'dim', Kind.Int, defaulted, 0),
  overload('sizes', ...self, 'size', Kind.Int, list, 0, 'dim', Kind.Int, defaulted, 0),
])

const chosen = (overloads: readonly Overload[], positional: number[], options: Record<string, number> = {}) =>
  match(overloads, positional, new Map(Object.entries(options)))

describe('match', () => {
  const { Tensor, Number: number, Numbers, Boolean: boolean, DType } = Given

  it('goes by the kinds of the arguments', () => {
    expect(chosen(max, [Tensor])?.overload.name).toBe('')
    expect(chosen(max, [Tensor, Tensor])?.overload.name).toBe('other')
    expect(chosen(max, [Tensor, number])?.overload.name).toBe('dim')
    expect(chosen(split, [Tensor, number])?.overload.name).toBe('Tensor')
    expect(chosen(split, [Tensor, Numbers])?.overload.name).toBe('sizes')
  })

  it('lets one number stand for a list that says how long it is', () => {
    expect(chosen(sum, [Tensor, number])?.overload.name).toBe('dim')
    expect(chosen(sum, [Tensor, Numbers, boolean])?.sources).toEqual([0, 1, 2])
  })

  it('goes by the options, and says where each value comes from', () => {
    expect(chosen(sum, [Tensor], { dtype: DType })?.sources).toEqual([0, 'dtype'])
    expect(chosen(sum, [Tensor, Numbers], { keepdim: boolean })?.sources).toEqual([0, 1, 'keepdim'])
    // No dimension: libtorch calls that null.
    expect(chosen(sum, [Tensor], { keepdim: boolean })?.sources).toEqual([0, undefined, 'keepdim'])
  })

  it('refuses what fits nowhere', () => {
    expect(chosen(max, [])).toBeUndefined()
    expect(chosen(max, [Tensor, boolean])).toBeUndefined()
    expect(chosen(max, [Tensor, number, number])).toBeUndefined()
    expect(chosen(sum, [Tensor], { nothing: number })).toBeUndefined()
    expect(chosen(sum, [Tensor, Numbers], { dim: Numbers })).toBeUndefined()
  })
})

it.each([
  [undefined, Given.Undefined],
  [null, Given.Null],
  [1, Given.Number],
  [1n, Given.BigInt],
  [true, Given.Boolean],
  ['float32', Given.DType],
  ['cuda:1', Given.Device],
  ['strided', Given.Layout],
  ['channels_last', Given.MemoryFormat],
  ['mean', Given.Reduction],
  ['toString', Given.String],
  [[], Given.EmptyArray],
  [[1, 2], Given.Numbers],
  [[true], Given.Booleans],
  [['a'], Given.Strings],
  [[{}], Given.Unknown],
  [{ re: 1, im: 2 }, Given.Complex],
  [{ dim: 1 }, Given.Options],
  [Object.create(null), Given.Options],
  [new Date(), Given.Unknown],
  [Symbol.iterator, Given.Unknown],
])('%s is of kind %i', (value, kind) => {
  expect(givenKind(value)).toBe(kind)
})
