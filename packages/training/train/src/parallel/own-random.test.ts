import { getRngState, manualSeed, scope, setNumThreads, torch } from '@hadal/tensor'
import { expect, it } from 'vitest'
import { withOwnRandom } from './own-random.ts'

setNumThreads(1)

const drawn = (): unknown => scope(() => torch.rand([4]).toArray())

/** What a rank draws in two passes, and its generator's final state. */
function rank(index: number): { readonly passes: unknown[]; readonly left: Uint8Array } {
  manualSeed(7)
  const passes = [0, 1].map(() => withOwnRandom(index, drawn))
  return { passes, left: getRngState() }
}

it('ranks draw other numbers, in each pass, and go on with the same', () => {
  const [first, second] = [rank(0), rank(1)]
  const all = [...first.passes, ...second.passes].map((numbers) => JSON.stringify(numbers))
  expect(new Set(all).size).toBe(4)
  expect(second.left).toEqual(first.left)
  expect(rank(1)).toEqual(second)
})

it('what fails leaves the generator as what does not', () => {
  const { left } = rank(0)
  manualSeed(7)
  for (const _ of [0, 1])
    expect(() =>
      withOwnRandom(0, () => {
        drawn()
        throw new Error('failed')
      }),
    ).toThrow('failed')
  expect(getRngState()).toEqual(left)
})
