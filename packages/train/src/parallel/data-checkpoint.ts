/**
 * A run's state between two steps, whole as checkpoints hold it and as the shares that ranks keep of it. Rows lie one after the other
 * in a tensor's bytes, so a share is a stretch of them.
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

/** An optimizer has nothing of parameters that it has no rows of. */
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
    // Who keeps all of a parameter keeps all of its state, in whatever shape an optimizer has it.
    own.set(name, shares.rule === 'whole' && to > from ? saved : rowsOf(saved, from, to))
  }
  return own
}

function rowsOf({ dtype, shape, bytes }: SavedTensor, from: number, to: number): SavedTensor {
  const [rows = 1, ...rest] = shape
  const rowBytes = bytes.length / Math.max(1, rows)
  return { dtype, shape: [to - from, ...rest], bytes: bytes.subarray(from * rowBytes, to * rowBytes) }
}

interface Piece {
  readonly name: string
  readonly dtype: SavedTensor['dtype']
  readonly shape: readonly number[]
  readonly length: number
}

function wholeOf(own: SavedTensors, shares: Shares, group: ProcessGroup): SavedTensors {
  const pieces: Piece[] = []
  const sent: Uint8Array[] = []
  for (const [name, { dtype, shape, bytes }] of own) {
    // What all have alike is the first's.
    if (group.rank > 0 && shares.parameterOf(name) === undefined) continue
    pieces.push({ name, dtype, shape, length: bytes.length })
    sent.push(bytes)
  }
  const lists = toFirst(new TextEncoder().encode(JSON.stringify(pieces)), group)
  const bytes = toFirst(Buffer.concat(sent), group)
  const found = new Map<string, { dtype: SavedTensor['dtype']; shape: number[]; bytes: Uint8Array[] }>()
  for (const [rank, list] of lists.entries()) {
    let at = 0
    for (const { name, dtype, shape, length } of JSON.parse(new TextDecoder().decode(list)) as Piece[]) {
      const piece = bytes[rank]!.subarray(at, at + length)
      at += length
      const known = found.get(name)
      if (!known) found.set(name, { dtype, shape: [...shape], bytes: [piece] })
      else {
        known.shape[0]! += shape[0]!
        known.bytes.push(piece)
      }
    }
  }
  return new Map(
    [...found].map(([name, { dtype, shape, bytes }]) => [
      name,
      { dtype, shape, bytes: Buffer.concat(bytes) },
    ]),
  )
}

/** What each member gives, to the first of them; the others get nothing. */
function toFirst(own: Uint8Array, group: ProcessGroup): Uint8Array[] {
  return scope(() => {
    const lengths = group.allGather(torch.tensor([own.length], { dtype: 'int64' }))
    const counts = (lengths.toArray() as (number | bigint)[]).map(Number)
    const isFirst = group.rank === 0
    const others = group.ranks.map(() => 0)
    const tensor = torch.fromBytes(own, 'uint8', [own.length])
    const arrived = group
      .allToAll(tensor, [own.length, ...others.slice(1)], isFirst ? counts : others)
      .bytes()
    const ends = counts.map((_, rank) => counts.slice(0, rank + 1).reduce((sum, count) => sum + count, 0))
    return isFirst ? ends.map((end, rank) => arrived.subarray(end - counts[rank]!, end)) : []
  })
}
