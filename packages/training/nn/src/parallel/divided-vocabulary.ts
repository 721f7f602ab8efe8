/**
 * Loss statistics of vocabulary-parallel logits without gathering them: only a few numbers per token are reduced (Megatron-LM,
 * arXiv:1909.08053, 3; with two collectives instead of three).
 *
 * Shapes: n tokens, v vocabulary, w this rank's part of it.
 */

import { type ProcessGroup, scope, type Tensor, torch } from '@hadal/tensor'

/** Sums over logits [n, v], each [n] in fp32 and equal on every rank. */
export interface LogitSums {
  /** log Σ exp. */
  readonly total_n: Tensor
  /** The target's logit; 0 where there is no such target. */
  readonly target_n: Tensor
  readonly mean_n: Tensor | undefined
}

/** Target positions within this rank's shard. */
export interface LocalTargets {
  /** int64, 0 where the target is another rank's or none. */
  readonly index: Tensor
  readonly absent: Tensor
}

/** Takes int64 targets of any shape, indices in the whole vocabulary, of which each rank has `width`; negative ones are ignored. */
export function localTargets(targets: Tensor, width: number, { rank }: ProcessGroup): LocalTargets {
  return scope(() => {
    const local = targets.sub(rank * width)
    const absent = torch.logicalOr(local.lt(0), local.ge(width))
    return { index: local.maskedFill(absent, 0), absent }
  })
}

/** `logits_nw` is this rank's part, fp32. */
export function dividedSums(
  logits_nw: Tensor,
  { index, absent }: LocalTargets,
  group: ProcessGroup,
): LogitSums {
  return scope(() => {
    const most_n = logits_nw.amax(-1)
    group.allReduce_(most_n, 'max')
    const exps_n = logits_nw.sub(most_n.unsqueeze(1)).exp_().sum(-1)
    const target_n = logits_nw.gather(1, index.unsqueeze(1)).squeeze(1).maskedFill(absent, 0)
    const sums_3n = torch.stack([exps_n, target_n, logits_nw.sum(-1)])
    group.allReduce_(sums_3n)
    const [exps, target, all] = sums_3n.unbind(0) as [Tensor, Tensor, Tensor]
    const width = logits_nw.shape[1]! * group.size
    return { total_n: exps.log().add(most_n), target_n: target, mean_n: all.div(width) }
  })
}
