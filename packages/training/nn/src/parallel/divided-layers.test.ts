import { noGrad, type ProcessGroup } from '@hadal/tensor'
import { expect, it } from 'vitest'
import { endsOf } from './divided-layers.ts'

it('a sequence that does not divide is refused where it is to be learnt from, and read undivided elsewhere', () => {
  const group = (size: number): ProcessGroup => ({ rank: 0, size }) as ProcessGroup
  const shard = { tensor: group(4), expert: group(1), sequence: true }
  expect(() => endsOf(shard, 10)).toThrow(
    expect.objectContaining({
      code: 'nn_sequence_indivisible',
      message: 'a sequence of 10 tokens is not divisible by 4 ranks',
    }),
  )
  expect(noGrad(() => endsOf(shard, 10)).leave).toBeDefined()
  expect(endsOf(shard, 12).leave).toBeDefined()
  expect(endsOf({ ...shard, sequence: false }, 10).leave).toBeDefined()
  expect(endsOf({ ...shard, tensor: group(1) }, 10).leave).toBe(undefined)
})
