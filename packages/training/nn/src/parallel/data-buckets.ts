/**
 * Parameters packed into one contiguous buffer, so that one collective serves many. With shards the buffer is ordered by rank: the
 * shards of one rank are contiguous.
 */

import { noGrad, type Tensor } from '@hadal/tensor'
import { partOf } from '../tape/layer-part.ts'
import type { Shares } from './data-shares.ts'

export interface BucketMember {
  readonly name: string
  /** Index in all parameters. */
  readonly index: number
  readonly shape: readonly number[]
}

/** A part of a bucket's stretch that holds some rows of a member. */
interface Slot {
  readonly member: BucketMember
  readonly rank: number
  readonly from: number
  readonly rows: number
  readonly offset: number
}

export class Bucket {
  readonly members: readonly BucketMember[]
  readonly numel: number
  /** Elements that each rank keeps; none without shares. */
  readonly splits: readonly number[]
  readonly #slots: readonly Slot[]

  constructor(members: readonly BucketMember[], shares?: Shares) {
    this.members = members
    const slots: Slot[] = []
    let offset = 0
    const put = (member: BucketMember, rank: number, [from, to]: readonly [number, number]): void => {
      if (to > from) slots.push({ member, rank, from, rows: to - from, offset })
      offset += (to - from) * rowElements(member)
    }
    const splits: number[] = []
    if (shares) {
      for (let rank = 0; rank < shares.size; rank += 1) {
        const start = offset
        for (const member of members) put(member, rank, shares.rows(member.name, rank))
        splits.push(offset - start)
      }
    } else for (const member of members) put(member, 0, [0, member.shape[0] ?? 1])
    this.numel = offset
    this.splits = splits
    this.#slots = slots
  }

  /** The places of `member` in the stretch `flat`, and the same rows of `tensor`: two lists for a foreach operator. */
  pairs(flat: Tensor, member: BucketMember, tensor: Tensor): { inFlat: Tensor[]; inTensor: Tensor[] } {
    return noGrad(() => {
      const inFlat: Tensor[] = []
      const inTensor: Tensor[] = []
      for (const slot of this.#slots) {
        if (slot.member !== member) continue
        inFlat.push(viewOf(flat, slot, slot.offset))
        inTensor.push(rowsOf(tensor.detach(), slot.from, slot.rows))
      }
      return { inFlat, inTensor }
    })
  }

  /** The shard of `rank` in the buffer `flat`. */
  shareIn(flat: Tensor, rank: number): Tensor {
    return flat.narrow(0, this.#start(rank), this.splits[rank]!)
  }

  #start(rank: number): number {
    return this.splits.slice(0, rank).reduce((sum, length) => sum + length, 0)
  }

  /** The shard of `rank` of each member, as views of `own`, its part of a buffer; without sharding, of the whole buffer. */
  views(own: Tensor, rank = 0): Map<number, Tensor> {
    const start = this.#start(rank)
    const views = new Map<number, Tensor>()
    for (const slot of this.#slots)
      if (slot.rank === rank) views.set(slot.member.index, viewOf(own, slot, slot.offset - start))
    // Members without rows here.
    for (const member of this.members)
      if (!views.has(member.index)) views.set(member.index, viewOf(own, { member, rows: 0 }, 0))
    return views
  }
}

const rowElements = ({ shape }: BucketMember): number =>
  shape.slice(1).reduce((product, length) => product * length, 1)

function viewOf(flat: Tensor, { member, rows }: Pick<Slot, 'member' | 'rows'>, offset: number): Tensor {
  const shape = member.shape.length === 0 ? [] : [rows, ...member.shape.slice(1)]
  return flat.narrow(0, offset, rows * rowElements(member)).view(shape)
}

export const rowsOf = (tensor: Tensor, from: number, rows: number): Tensor =>
  tensor.ndim === 0 ? tensor : tensor.narrow(0, from, rows)

/**
 * In the order of the backward pass: layers from last to first, then non-layer parameters. A bucket accepts members until it has
 * `bytes`.
 */
export function makeBuckets(
  parameters: ReadonlyMap<string, Pick<Tensor, 'shape'>>,
  bytes: number,
  shares?: Shares,
): Bucket[] {
  const members = [...parameters].map(([name, { shape }], index) => ({ name, index, shape }))
  const inLayers = members.filter(({ name }) => partOf(name)).reverse()
  const outside = members.filter(({ name }) => !partOf(name)).reverse()
  const buckets: Bucket[] = []
  for (const list of [inLayers, outside]) {
    let next: BucketMember[] = []
    let held = 0
    for (const member of list) {
      next.push(member)
      held += 4 * rowElements(member) * (member.shape[0] ?? 1)
      if (held < bytes) continue
      buckets.push(new Bucket(next, shares))
      next = []
      held = 0
    }
    if (next.length > 0) buckets.push(new Bucket(next, shares))
  }
  return buckets
}
