/** Converts named tensors between the whole model and one rank's part: weights, optimizer state, averages. */

import { noGrad, type ProcessGroup, scope, type Tensor, torch } from '@hadal/tensor'
import type { Layout, Place } from './shard.ts'
import type { Cut } from './shard-of.ts'

export type CutOf = (name: string) => Cut

/**
 * A rank's part of `whole`, as a view of it. Tensors without dimensions are whole everywhere.
 *
 * @internal
 */
export function cutTensor(whole: Tensor, { dim }: Cut, { rank, size }: Place): Tensor {
  if (dim === undefined || whole.ndim === 0) return whole
  const length = whole.shape[dim]! / size
  return whole.narrow(dim, rank * length, length)
}

/**
 * A rank's part of `whole`. The tensors are views.
 *
 * @internal
 */
export function cutState<Name extends string>(
  whole: ReadonlyMap<Name, Tensor>,
  cutOf: CutOf,
  layout: Layout,
): Map<Name, Tensor> {
  const parts = new Map<Name, Tensor>()
  for (const [name, tensor] of whole) {
    const cut = cutOf(name)
    if (cut.owner === undefined || cut.owner === layout.expert.rank)
      parts.set(name, cutTensor(tensor, cut, layout.tensor))
  }
  return parts
}

/** The groups that a model is divided over. */
export interface LayoutGroups extends Layout {
  readonly tensor: ProcessGroup
  readonly expert: ProcessGroup
}

/**
 * Gathers whole tensors one by one, each in its own scope; `partOf` returns this rank's part. Collective: every rank must iterate
 * to the end. Experts come in numerical order.
 *
 * @internal
 */
export function* gatheredState(
  names: readonly string[],
  partOf: (name: string) => Tensor,
  cutOf: CutOf,
  groups: LayoutGroups,
): Generator<readonly [string, Tensor], void> {
  const { tensor, expert } = groups
  const held = new Set(names.flatMap((name) => expertNumber.exec(name)?.[1] ?? [])).size
  for (let at = 0; at < names.length; ) {
    const mixture = mixtureOf(names[at]!)
    const isDivided = mixture !== undefined && expert.size > 1
    let end = at + 1
    if (isDivided) while (end < names.length && mixtureOf(names[end]!) === mixture) end += 1
    const run = names.slice(at, end)
    for (let member = 0; member < (isDivided ? expert.size : 1); member += 1)
      for (const name of run) {
        using whole = noGrad(() =>
          scope(() => {
            const part = gatherTensor(partOf(name), cutOf(name), tensor)
            return isDivided ? broadcastFrom(member, part, expert) : torch.alias(part)
          }),
        )
        yield [isDivided ? renumbered(name, (member - expert.rank) * held) : name, whole]
      }
    at = end
  }
}

/** All parts of a cut tensor joined again. */
function gatherTensor(part: Tensor, { dim }: Cut, group: ProcessGroup): Tensor {
  if (dim === undefined || part.ndim === 0 || group.size === 1) return part
  return torch.cat(group.allGather(part.contiguous()).chunk(group.size, 0), dim)
}

function broadcastFrom(member: number, tensor: Tensor, group: ProcessGroup): Tensor {
  const copy = tensor.detach().clone()
  group.broadcast_(copy, member)
  return copy
}

const expertNumber = /\.experts\.(\d+)\./

/** The prefix of an expert's index. */
const mixtureOf = (name: string): string | undefined => {
  const found = expertNumber.exec(name)
  return found ? name.slice(0, found.index) : undefined
}

/** The name of the expert with an index offset. */
const renumbered = (name: string, by: number): string =>
  name.replace(expertNumber, (_, number) => `.experts.${Number(number) + by}.`)
