/**
 * Converts a run's state between the whole, as checkpoints hold it, and ranks' shards. Rows are contiguous in a tensor's bytes, so
 * a shard is a byte range.
 */

import type { SavedTensor, Shares } from '@hadal/nn'
import { type ProcessGroup, scope, torch } from '@hadal/tensor'
import type { SavedSession, SavedTensors } from '../checkpoint-file.ts'

const parts = ['weights', 'optimizer', 'average'] as const

/** This rank's share of a whole state. */
export function shareOfSession(whole: SavedSession, shares: Shares): SavedSession {
  return { ...whole, ...eachPart((part) => shareOf(whole[part], shares, part !== 'optimizer')) }
}

/** The whole behind the shares of `group`, every member of which calls it at once; only the first gets tensors. */
export function wholeSession(own: SavedSession, shares: Shares, group: ProcessGroup): SavedSession {
  return { ...own, ...eachPart((part) => wholeOf(own[part], shares, group)) }
}

const eachPart = (
  change: (part: (typeof parts)[number]) => SavedTensors,
): Record<(typeof parts)[number], SavedTensors> => {
  const [weights, optimizer, average] = parts.map(change)
  return { weights: weights!, optimizer: optimizer!, average: average! }
}

/** An optimizer has no state for parameters of which it has no rows. */
function shareOf(whole: SavedTensors, shares: Shares, withEmpty: boolean): SavedTensors {
  const own = new Map<string, SavedTensor>()
  for (const [name, saved] of whole) {
    const parameter = shares.parameterOf(name)
    if (parameter === undefined) {
      own.set(name, saved)
      continue
    }
    const [from, to] = shares.rows(parameter)
    if (from === to && !withEmpty) continue
    // A rank with all of a parameter keeps all of its state, whatever the optimizer's layout.
    own.set(name, shares.rule === 'whole' && to > from ? saved : rowsOf(saved, from, to))
  }
  return own
}

function rowsOf({ dtype, shape, bytes }: SavedTensor, from: number, to: number): SavedTensor {
  const [rows = 1, ...rest] = shape
  const rowBytes = bytes.length / Math.max(1, rows)
  return { dtype, shape: [to - from, ...rest], bytes: bytes.subarray(from * rowBytes, to * rowBytes) }
}

/** A member's part of a tensor. */
interface Piece {
  readonly name: string
  readonly dtype: SavedTensor['dtype']
  readonly shape: readonly number[]
  readonly length: number
}

/** One tensor travels at a time: all together may be more than a buffer holds, and than there is memory for twice. */
function wholeOf(own: SavedTensors, shares: Shares, group: ProcessGroup): SavedTensors {
  // Replicated values come from the first member.
  const given = new Map(
    [...own].filter(([name]) => group.rank === 0 || shares.parameterOf(name) !== undefined),
  )
  const pieces = [...given].map(
    ([name, { dtype, shape, bytes }]): Piece => ({ name, dtype, shape, length: bytes.length }),
  )
  const lists = listsOf(pieces, group)
  const found = new Map<string, SavedTensor>()
  for (const name of new Set(lists.flatMap((list) => [...list.keys()]))) {
    const parts = lists.map((list) => list.get(name))
    const lengths = parts.map((part) => part?.length ?? 0)
    const bytes = toFirst(given.get(name)?.bytes ?? new Uint8Array(), lengths, group)
    const [first, ...others] = parts.filter((part) => part !== undefined)
    const { dtype, shape } = first!
    const rows = others.reduce((sum, part) => sum + part.shape[0]!, shape[0]!)
    if (bytes) found.set(name, { dtype, shape: others.length > 0 ? [rows, ...shape.slice(1)] : shape, bytes })
  }
  return found
}

/** Gathers each member's pieces by name, on all members. */
function listsOf(pieces: readonly Piece[], group: ProcessGroup): Map<string, Piece>[] {
  const text = new TextEncoder().encode(JSON.stringify(pieces))
  return scope(() => {
    const lengths = group.allGather(torch.tensor([text.length], { dtype: 'int64' }))
    const counts = (lengths.toArray() as (number | bigint)[]).map(Number)
    const all = group.allGather(torch.fromBytes(text, 'uint8', [text.length]), counts).bytes()
    let at = 0
    return counts.map((count) => {
      const list = JSON.parse(new TextDecoder().decode(all.subarray(at, at + count))) as Piece[]
      at += count
      return new Map(list.map((piece) => [piece.name, piece]))
    })
  })
}

/** Concatenates the members' data, of the given sizes, on the first member; undefined on the others. */
function toFirst(
  own: Uint8Array,
  lengths: readonly number[],
  group: ProcessGroup,
): Uint8Array<ArrayBuffer> | undefined {
  return scope(() => {
    const isFirst = group.rank === 0
    const none = lengths.map(() => 0)
    const tensor = torch.fromBytes(own, 'uint8', [own.length])
    const arrived = group.allToAll(tensor, [own.length, ...none.slice(1)], isFirst ? lengths : none)
    return isFirst ? arrived.bytes() : undefined
  })
}
