/**
 * Converts a run's state between the whole, as checkpoints hold it, and a rank's part of a divided model, so that a run can resume
 * in another layout.
 */

import {
  type CutOf,
  cutTensor,
  gatheredState,
  type Layout,
  type LayoutGroups,
  type SavedTensor,
} from '@hadal/nn'
import { scope, type Tensor, torch } from '@hadal/tensor'
import type { SavedSession, SavedTensors } from '../checkpoint-file.ts'

const parts = ['weights', 'optimizer', 'average'] as const

/** A rank's part of the whole state. */
export function cutSession(whole: SavedSession, cutOf: CutOf, layout: Layout): SavedSession {
  const cut = (tensors: SavedTensors): SavedTensors => {
    const own = new Map<string, SavedTensor>()
    for (const [name, saved] of tensors) {
      const { dim, owner } = cutOf(name)
      if (owner !== undefined && owner !== layout.expert.rank) continue
      const isCut = dim !== undefined && saved.shape.length > 0
      own.set(
        name,
        isCut ? scope(() => savedOf(cutTensor(tensorOf(saved), { dim, owner }, layout.tensor))) : saved,
      )
    }
    return own
  }
  return {
    ...whole,
    weights: cut(whole.weights),
    optimizer: cut(whole.optimizer),
    average: cut(whole.average),
  }
}

/** Gathers the whole state; collective over all ranks. If `wanted` is false the result has no tensors. */
export function gatherSession(
  part: SavedSession,
  cutOf: CutOf,
  groups: LayoutGroups,
  wanted: boolean,
): SavedSession {
  const gather = (tensors: SavedTensors): SavedTensors => {
    const whole = new Map<string, SavedTensor>()
    const own = (name: string): Tensor => tensorOf(tensors.get(name)!)
    for (const [name, tensor] of gatheredState([...tensors.keys()], own, cutOf, groups))
      if (wanted) whole.set(name, savedOf(tensor))
    return whole
  }
  const [weights, optimizer, average] = parts.map((each) => gather(part[each]))
  return { ...part, weights: weights!, optimizer: optimizer!, average: average! }
}

const tensorOf = ({ bytes, dtype, shape }: SavedTensor): Tensor => torch.fromBytes(bytes, dtype, shape)

const savedOf = (tensor: Tensor): SavedTensor => ({
  dtype: tensor.dtype,
  shape: tensor.shape,
  bytes: tensor.bytes(),
})
