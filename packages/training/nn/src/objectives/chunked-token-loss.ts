/**
 * Next-token loss from hidden states in chunks of tokens: the full logits never exist. Gradients are computed in the forward pass
 * while a chunk's logits exist: the loss is a sum, so each token's contribution is known immediately, and no product is computed
 * twice (chunks of the vocabulary, as in Cut Cross-Entropy, arXiv:2411.09009, recompute logits in the backward pass). As in Liger
 * Kernel, arXiv:2410.10989.
 *
 * Shapes: b batch, t time, n tokens of a chunk, d hidden, v vocabulary.
 */

import { noGrad, type ProcessGroup, recordRange, scope, type Tensor, torch } from '@hadal/tensor'
import { ignoreIndex } from '../loss.ts'
import { dividedSums, type LogitSums, localTargets } from '../parallel/divided-vocabulary.ts'
import type { Tape } from '../tape/tape.ts'
import type { TokenLossOptions } from './token-loss.ts'

export type ChunkedLossOptions = Pick<TokenLossOptions, 'labelSmoothing' | 'zLoss'>

/**
 * Tokens per chunk: about 32 MiB of logits in fp32.
 *
 * @internal
 */
export const usualChunk = (vocabulary: number): number => Math.max(16, Math.floor(2 ** 23 / vocabulary))

/**
 * The sum that `tokenLoss` has of hidden states [b, t, d] times `head_vd`, in fp32. With a tape its gradients are recorded there;
 * without one it has none, for evaluation. Where the vocabulary is divided over a group, `head_vd` is this rank's part, the sum is
 * equal on all ranks, and the gradient of the hidden states is this rank's part of a sum.
 *
 * @example
 * ```ts
 * import { torch } from '@hadal/tensor'
 * import { chunkedTokenLoss } from '@hadal/nn'
 *
 * const hidden_btd = torch.randn([1, 8, 16])
 * const head_vd = torch.randn([100, 16]) // vocabulary of 100
 * const targets_bt = torch.zeros([1, 8], { dtype: 'int64' })
 * const sum = chunkedTokenLoss(hidden_btd, head_vd, targets_bt, {}, 4) // logits of 4 tokens at a time
 * sum.shape // → []
 * ```
 */
export function chunkedTokenLoss(
  hidden_btd: Tensor,
  head_vd: Tensor,
  targets_bt: Tensor,
  options: ChunkedLossOptions,
  chunkTokens: number,
  tape?: Tape,
  vocabulary?: ProcessGroup,
): Tensor {
  const parts = { hidden_btd, head_vd, targets_bt, vocabulary }
  const inRange = (upstream?: number): Sums =>
    recordRange('module:loss', () => sumUp(parts, options, chunkTokens, upstream))
  if (!tape) return noGrad(() => scope(() => inRange().sum))
  const { upstream } = tape
  const { shape } = hidden_btd
  const { sum, dHidden_nd, dHead_vd } = noGrad(() => scope(() => inRange(upstream)))
  // The loss may be a term of another, computed in a scope that ends before the backward pass.
  const leaf = sum.requiresGrad_().unscope()
  const held = [leaf, dHidden_nd, dHead_vd].flatMap((tensor) => tensor?.unscope() ?? [])
  tape.add({
    inputs: [tape.enter(hidden_btd)],
    outputs: [leaf],
    parameters: [],
    back: ([dSum]) => {
      // For a loss with zero upstream gradient any ratio gives zeros.
      const ratio = upstream === 0 ? 1 : (dSum!.item() as number) / upstream
      const scaled = (gradient: Tensor | undefined): Tensor | undefined =>
        ratio === 1 ? gradient : gradient?.mul(ratio)
      return {
        dInputs: [scaled(dHidden_nd)?.view(shape)],
        dParameters: [[head_vd, scaled(dHead_vd)]],
      }
    },
    free: () => {
      for (const tensor of held) tensor.free()
    },
  })
  return torch.alias(leaf)
}

interface Sums {
  readonly sum: Tensor
  readonly dHidden_nd?: Tensor | undefined
  readonly dHead_vd?: Tensor | undefined
}

interface LossParts {
  readonly hidden_btd: Tensor
  readonly head_vd: Tensor
  readonly targets_bt: Tensor
  readonly vocabulary: ProcessGroup | undefined
}

/** With `upstream` also the gradients of upstream · sum, for tensors that require them. */
function sumUp(
  { hidden_btd, head_vd, targets_bt, vocabulary }: LossParts,
  { labelSmoothing = 0, zLoss = 0 }: ChunkedLossOptions,
  chunkTokens: number,
  upstream?: number,
): Sums {
  const hidden_nd = hidden_btd.reshape([-1, hidden_btd.shape.at(-1)!])
  const targets_n = targets_bt.reshape([-1])
  const [count] = hidden_nd.shape as [number, number]
  const wanted = upstream !== undefined
  const dHidden_nd = wanted && hidden_btd.requiresGrad ? torch.emptyLike(hidden_nd) : undefined
  // fp32: adding up many small products in bf16 would lose them.
  const dHead_vd = wanted && head_vd.requiresGrad ? torch.zeros([...head_vd.shape]) : undefined
  const sum = torch.zeros([])
  for (let start = 0; start < count; start += chunkTokens)
    scope(() => {
      const size = Math.min(chunkTokens, count - start)
      const states_nd = hidden_nd.narrow(0, start, size)
      const chunk_n = targets_n.narrow(0, start, size)
      const weights_n = chunk_n.ne(ignoreIndex).float()
      const logits_nv = torch.linear(states_nd, head_vd).float()
      const local = vocabulary && localTargets(chunk_n, head_vd.shape[0]!, vocabulary)
      const index_n1 = (local?.index ?? chunk_n.clamp({ min: 0 })).unsqueeze(1)
      const { total_n, target_n, mean_n } = local
        ? dividedSums(logits_nv, local, vocabulary)
        : wholeSums(logits_nv, index_n1, labelSmoothing > 0)
      let loss_n = total_n.sub(target_n, { alpha: 1 - labelSmoothing })
      if (mean_n && labelSmoothing > 0) loss_n = loss_n.sub(mean_n, { alpha: labelSmoothing })
      if (zLoss > 0) loss_n = loss_n.add(total_n.square(), { alpha: zLoss })
      sum.add_(loss_n.mul(weights_n).sum())
      if (!dHidden_nd && !dHead_vd) return
      const factors_n1 = weights_n.mul(upstream!).unsqueeze(1)
      // In place: softmax, the z-loss term, then minus the targets.
      const d_nv = logits_nv.sub_(total_n.unsqueeze(1)).exp_()
      d_nv.mul_(
        zLoss > 0
          ? factors_n1.mul(
              total_n
                .mul(2 * zLoss)
                .add(1)
                .unsqueeze(1),
            )
          : factors_n1,
      )
      const chosen_n1 = factors_n1.mul(labelSmoothing - 1)
      d_nv.scatterAdd_(1, index_n1, local ? chosen_n1.maskedFill(local.absent.unsqueeze(1), 0) : chosen_n1)
      const width = head_vd.shape[0]! * (vocabulary?.size ?? 1)
      if (labelSmoothing > 0) d_nv.sub_(factors_n1, { alpha: labelSmoothing / width })
      const d = d_nv.to(head_vd.dtype)
      dHidden_nd?.narrow(0, start, size).copy_(d.matmul(head_vd))
      if (dHead_vd?.dtype === d.dtype) torch.addmm_(dHead_vd, d.t(), states_nd)
      else dHead_vd?.add_(d.t().matmul(states_nd))
    })
  return { sum, dHidden_nd, dHead_vd }
}

function wholeSums(logits_nv: Tensor, index_n1: Tensor, withMean: boolean): LogitSums {
  return {
    total_n: torch.logsumexp(logits_nv, -1),
    target_n: logits_nv.gather(1, index_n1).squeeze(1),
    mean_n: withMean ? logits_nv.mean(-1) : undefined,
  }
}
