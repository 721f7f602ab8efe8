/**
 * Communication at the borders of divided half layers (Megatron-LM: Shoeybi et al. 2019, arXiv:1909.08053, and with sequence
 * parallelism Korthikanti et al. 2022, arXiv:2205.05198). Inside a half, every rank computes its own heads or columns for all
 * tokens and produces partial sums.
 *
 * Shapes: b batch, t time, d hidden, v vocabulary; n the ranks of the tensor group.
 */

import {
  copyToGroup,
  gatherFromGroup,
  isGradEnabled,
  noGrad,
  type ProcessGroup,
  reduceFromGroup,
  scatterToGroup,
  type Tensor,
  torch,
} from '@hadal/tensor'
import { sequenceIndivisible } from '../errors.ts'
import { embedding } from '../per-sample/tell-layers.ts'
import type { Leave } from '../tape/layer-part.ts'
import { copyEntry, type Entry, gatherEntry } from './column-record.ts'
import { localTargets } from './divided-vocabulary.ts'
import type { LayoutGroups } from './shard-state.ts'

/** Constructor argument of a model that makes it one rank's part. */
export interface Shard extends LayoutGroups {
  /** Also divides the activations between half layers along the sequence. */
  readonly sequence: boolean
}

/** Entry and exit of the divided halves, and of the whole stack. */
export interface Ends {
  /** Ids [b, t] to rows of a table [v, d], of which each rank has v / n: [b, t, d], or [b, t / n, d] with the sequence divided. */
  embed(table_vd: Tensor, ids_bt: Tensor): Tensor
  /** [b, t, d] or [b, t / n, d] to [b, t, d]. */
  enter(x: Tensor): Tensor
  /** The entry for products recorded on a tape; undefined if nothing is divided. */
  readonly entry: Entry | undefined
  /** Reduces partial sums [b, t, d] to the sum, or to this rank's [b, t / n, d] of it; undefined if nothing is divided. */
  readonly leave: Leave | undefined
  /** Gathers activations to [b, t, d], equal on all ranks, for readers that are not divided. */
  whole(x: Tensor): Tensor
}

const time = 1

/** For sequences of `length` tokens. Throws `nn_sequence_indivisible`, except without gradients: then they are read undivided. */
export function endsOf(shard: Shard | undefined, length: number): Ends {
  const same = (x: Tensor): Tensor => x
  const whole = { embed: embedding, enter: same, entry: undefined, leave: undefined, whole: same }
  if (!shard || shard.tensor.size === 1) return whole
  const { tensor } = shard
  const ends = dividesSequence(shard, length)
    ? {
        enter: (x: Tensor) => gatherFromGroup(x, time, tensor),
        entry: gatherEntry(tensor, time),
        leave: {
          forward: (x: Tensor) => scatterToGroup(x, time, tensor),
          back: (dy: Tensor) => noGrad(() => gatherFromGroup(dy, time, tensor)),
        },
        whole: (x: Tensor) => summedWithOthers(x, time, tensor),
      }
    : {
        enter: (x: Tensor) => copyToGroup(x, tensor),
        entry: copyEntry(tensor),
        leave: { forward: (x: Tensor) => reduceFromGroup(x, tensor), back: same },
        whole: same,
      }
  return { ...ends, embed: (table_vd, ids_bt) => ends.leave.forward(embedPart(table_vd, ids_bt, tensor)) }
}

function dividesSequence({ tensor, sequence }: Shard, length: number): boolean {
  if (!sequence || length % tensor.size === 0) return sequence
  if (isGradEnabled()) throw sequenceIndivisible(length, tensor.size)
  return false
}

/** Gathers the ranks' parts along `dim`; the gradient is that of this rank's part. */
function summedWithOthers(x: Tensor, dim: number, group: ProcessGroup): Tensor {
  if (group.size === 1) return x
  const parts = noGrad(() => group.allGather(x.detach().contiguous()).chunk(group.size, 0))
  return torch.cat(
    parts.map((part, rank) => (rank === group.rank ? x : part)),
    dim,
  )
}

/** Embedding of a row-sharded table: zeros for rows on other ranks. */
function embedPart(table_vd: Tensor, ids_bt: Tensor, group: ProcessGroup): Tensor {
  const { index, absent } = localTargets(ids_bt, table_vd.shape[0]!, group)
  return torch.embedding(table_vd, index).maskedFill(absent.unsqueeze(-1), 0)
}

/** Hidden states [b, t, d], equal on all ranks, to logits [b, t, v] likewise; each rank's `head` gives v / n of them. */
export function throughHead(
  hidden_btd: Tensor,
  shard: Shard | undefined,
  head: (x_btd: Tensor) => Tensor,
): Tensor {
  if (!shard || shard.tensor.size === 1) return head(hidden_btd)
  return summedWithOthers(head(copyToGroup(hidden_btd, shard.tensor)), -1, shard.tensor)
}
