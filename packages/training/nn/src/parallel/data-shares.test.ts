import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeBuckets } from './data-buckets.ts'
import { type ShareRule, Shares } from './data-shares.ts'

const shapes = fc
  .array(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((list) => new Map(list.map((shape, at) => [`model.layers.${at % 4}.mlp.w${at}.weight`, shape])))
const rules = fc.constantFrom<ShareRule>('rows', 'whole')
const sizes = fc.integer({ min: 1, max: 5 })
const numel = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1)

describe('shares', () => {
  it('have every row once, and are as even as the rule allows', () => {
    fc.assert(
      fc.property(shapes, rules, sizes, (all, rule, size) => {
        const held = new Array<number>(size).fill(0)
        for (const [name, shape] of all) {
          let next = 0
          for (let rank = 0; rank < size; rank += 1) {
            const [from, to] = new Shares(all, rule, { rank, size }).rows(name)
            expect(from).toBe(next)
            next = to
            held[rank]! += ((to - from) * numel(shape)) / shape[0]!
            if (rule === 'whole') expect([0, shape[0]]).toContain(to - from)
            else expect(Math.abs(to - from - shape[0]! / size)).toBeLessThan(1)
          }
          expect(next).toBe(shape[0])
        }
        // Largest first: no rank has more than the least by more than the largest parameter.
        const largest = Math.max(...[...all.values()].map(numel))
        if (rule === 'whole') expect(Math.max(...held) - Math.min(...held)).toBeLessThanOrEqual(largest)
      }),
    )
  })

  it("know the parameter that a tensor of an optimizer's state belongs to", () => {
    const all = new Map([
      ['model.norm.weight', [4]],
      ['norm.weight', [4]],
    ])
    const shares = new Shares(all, 'rows', { rank: 0, size: 2 })
    expect(shares.parameterOf('mean.codes.model.norm.weight')).toBe('model.norm.weight')
    expect(shares.parameterOf('model.norm.weight')).toBe('model.norm.weight')
    expect(shares.parameterOf('mean.norm.weight')).toBe('norm.weight')
    expect(shares.parameterOf('step')).toBeUndefined()
  })
})

describe('buckets', () => {
  it('have every parameter once, those of later layers first, those outside of layers last', () => {
    fc.assert(
      fc.property(shapes, rules, sizes, fc.integer({ min: 1, max: 2000 }), (layers, rule, size, bytes) => {
        const all = new Map([['model.embed_tokens.weight', [8, 2]], ...layers])
        const parameters = new Map([...all].map(([name, shape]) => [name, { shape }]))
        const shares = new Shares(all, rule, { rank: 0, size })
        const buckets = makeBuckets(parameters, bytes, shares)
        const names = buckets.flatMap(({ members }) => members.map(({ name }) => name))
        expect(names).toEqual([...layers.keys()].reverse().concat('model.embed_tokens.weight'))
        for (const { members, splits, numel: held } of buckets) {
          expect(held).toBe(members.reduce((sum, { shape }) => sum + numel(shape), 0))
          expect(splits.reduce((sum, length) => sum + length, 0)).toBe(held)
          // One more would have been too many.
          const before = members.slice(0, -1).reduce((sum, { shape }) => sum + 4 * numel(shape), 0)
          expect(before).toBeLessThan(bytes)
        }
      }),
    )
  })
})
