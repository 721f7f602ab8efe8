/** Shares of a state, gathered. */

import { Shares } from '@hadal/nn'
import { type ProcessGroup, setNumThreads, type Tensor } from '@hadal/tensor'
import { expect, it } from 'vitest'
import type { SavedSession, SavedTensors } from '../checkpoint-file.ts'
import { shareOfSession, wholeSession } from './data-checkpoint.ts'

setNumThreads(1)

const shapes = new Map([
  ['a', [3, 2]],
  ['b', [5]],
])
const saved = (names: readonly string[]): SavedTensors =>
  new Map(
    names.map((name, at) => {
      const shape = shapes.get(name.slice(-1)) ?? [1]
      const numel = shape.reduce((product, length) => product * length, 1)
      return [name, { dtype: 'float32', shape, bytes: new Uint8Array(4 * numel).fill(at + 1) }] as const
    }),
  )
const session = {
  weights: saved(['a', 'b']),
  optimizer: saved(['moment.a', 'moment.b', 'steps']),
  average: new Map(),
} as unknown as SavedSession

/** A group of this process only, and the largest number of bytes gathered at once. */
function groupOfOne(): { readonly group: ProcessGroup; readonly most: () => number } {
  let most = 0
  const group = {
    rank: 0,
    ranks: [0],
    allGather: (tensor: Tensor) => tensor.clone(),
    allToAll: (tensor: Tensor) => {
      most = Math.max(most, tensor.nbytes)
      return tensor.clone()
    },
  }
  return { group: group as unknown as ProcessGroup, most: () => most }
}

it('travels one tensor at a time, whatever all together take', () => {
  const shares = new Shares(shapes, 'rows', { rank: 0, size: 1 })
  const { group, most } = groupOfOne()
  const { weights, optimizer } = wholeSession(shareOfSession(session, shares), shares, group)
  expect(plain(weights)).toEqual(plain(session.weights))
  expect(plain(optimizer)).toEqual(plain(session.optimizer))
  expect(most()).toBe(4 * 6)
})

const plain = (tensors: SavedTensors): unknown =>
  [...tensors].map(([name, { dtype, shape, bytes }]) => ({ name, dtype, shape, bytes: [...bytes] }))
