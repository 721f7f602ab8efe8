/**
 * Preference objectives over pairs of a chosen and a rejected response: DPO with its variants cDPO and IPO, and the reward model
 * loss. Shapes: b pairs, t time.
 */

import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import type { CausalModel } from '../generate.ts'
import { checkOptions, checkShape, type SummedLoss } from './summed-loss.ts'
import { sequenceLogProbs } from './token-loss.ts'

/** A value for the chosen and the rejected response of each pair; log-probability tensors are [b]. */
export interface Pair<T> {
  readonly chosen: T
  readonly rejected: T
}

/** Model input, int64 [b, t], and targets (`ignoreIndex` on prompt and padding). */
export interface Answers {
  readonly ids_bt: Tensor
  readonly targets_bt: Tensor
}

/**
 * log p of both responses under `model`, each [b]: sums over the response, or means (`perToken`), as in IPO for responses of
 * different lengths. Inside `noGrad` it gives the reference, as `referenceLogProbs` does.
 *
 * @example
 * ```ts
 * import { createModel, initializeDecoder, nextTokenTargets, pairLogProbs } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const model = createModel({ vocab_size: 64, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 1, num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 64, rms_norm_eps: 1e-5, rope_theta: 10_000, tie_word_embeddings: true })
 * initializeDecoder(model.parameters(), 1)
 * const answer = (ids: number[]) => {
 *   const ids_bt = torch.tensor([ids], { dtype: 'int64' })
 *   return { ids_bt, targets_bt: nextTokenTargets(ids_bt) }
 * }
 * const { chosen, rejected } = pairLogProbs(model, { chosen: answer([1, 2, 3]), rejected: answer([1, 2, 4]) })
 * chosen.shape // → [ 1 ]
 * ```
 */
export function pairLogProbs(model: CausalModel, answers: Pair<Answers>, perToken = false): Pair<Tensor> {
  const logProbs = ({ ids_bt, targets_bt }: Answers): Tensor =>
    scope(() => {
      const { logProbs_b, counts_b } = sequenceLogProbs(model.forward(ids_bt), targets_bt)
      return perToken ? logProbs_b.div(counts_b.clamp({ min: 1 })) : logProbs_b
    })
  return { chosen: logProbs(answers.chosen), rejected: logProbs(answers.rejected) }
}

/**
 * The same under the model that training started from, without gradients; compute it once and keep it.
 *
 * @example
 * ```ts
 * import { loadCheckpoint, nextTokenTargets, referenceLogProbs } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const { model } = loadCheckpoint('models/qwen2.5-0.5b')
 * const answer = (ids: number[]) => {
 *   const ids_bt = torch.tensor([ids], { dtype: 'int64' })
 *   return { ids_bt, targets_bt: nextTokenTargets(ids_bt) }
 * }
 * const reference = referenceLogProbs(model, { chosen: answer([1, 2, 3]), rejected: answer([1, 2, 4]) }) // once, without gradients
 * ```
 */
export function referenceLogProbs(
  model: CausalModel,
  answers: Pair<Answers>,
  perToken = false,
): Pair<Tensor> {
  return noGrad(() => pairLogProbs(model, answers, perToken))
}

export interface PreferenceOptions {
  /** Strength of the penalty for leaving the reference. Default: 0.1. */
  readonly beta?: number | undefined
  /** `dpo` (Rafailov et al. 2023, arXiv:2305.18290) or `ipo` (Azar et al. 2023, arXiv:2310.12036). Default: `dpo`. */
  readonly variant?: 'dpo' | 'ipo' | undefined
  /** Below 0.5: assumed share of mislabelled pairs (cDPO, Mitchell 2023); for `dpo`. Default: 0. */
  readonly labelSmoothing?: number | undefined
}

export interface PreferenceLoss extends SummedLoss {
  /** beta · (log p − log p of the reference), [b] each, without gradients: for metrics. */
  readonly rewards: Pair<Tensor>
}

/**
 * With h = (log p − log p_ref)(chosen) − (log p − log p_ref)(rejected): `dpo` sums −(1 − s) log σ(βh) − s log σ(−βh), s the
 * label smoothing; `ipo` sums (h − 1 / 2β)². Throws `nn_objective_shape_mismatch` and `nn_objective_option_invalid`.
 *
 * @example
 * ```ts
 * import { torch } from '@hadal/tensor'
 * import { preferenceLoss } from '@hadal/nn'
 *
 * const policy = { chosen: torch.tensor([-1]), rejected: torch.tensor([-3]) } // log-probabilities of answers
 * const reference = { chosen: torch.tensor([-2]), rejected: torch.tensor([-2]) }
 * const { sum, count } = preferenceLoss(policy, reference, { beta: 0.1 }) // DPO
 * Number(sum.div(count).item()).toFixed(3) // → '0.598'
 * ```
 */
export function preferenceLoss(
  policy: Pair<Tensor>,
  reference: Pair<Tensor>,
  { beta = 0.1, variant = 'dpo', labelSmoothing = 0 }: PreferenceOptions = {},
): PreferenceLoss {
  const smoothed = variant === 'dpo' ? labelSmoothing >= 0 && labelSmoothing < 0.5 : labelSmoothing === 0
  checkOptions([
    ['beta', beta, beta > 0 && beta < Number.POSITIVE_INFINITY, 'above 0'],
    ['labelSmoothing', labelSmoothing, smoothed, variant === 'dpo' ? 'from 0 to below 0.5' : '0 for ipo'],
  ])
  const count = policy.chosen.numel
  checkShape('policy.chosen', policy.chosen, [count])
  checkShape('policy.rejected', policy.rejected, [count])
  checkShape('reference.chosen', reference.chosen, [count])
  checkShape('reference.rejected', reference.rejected, [count])
  return scope(() => {
    const chosen_b = policy.chosen.sub(reference.chosen)
    const rejected_b = policy.rejected.sub(reference.rejected)
    const h_b = chosen_b.sub(rejected_b)
    const loss_b =
      variant === 'ipo'
        ? h_b.sub(1 / (2 * beta)).square()
        : negativeLogSigmoid(h_b.mul(beta))
            .mul(1 - labelSmoothing)
            .add(negativeLogSigmoid(h_b.mul(-beta)).mul(labelSmoothing))
    const rewards = { chosen: chosen_b.detach().mul(beta), rejected: rejected_b.detach().mul(beta) }
    return { sum: loss_b.sum(), count, rewards }
  })
}

/**
 * The reward model loss over the rewards [b] of both responses, −log σ(chosen − rejected − margin) (Bradley and Terry 1952; the
 * margin of Llama 2, arXiv:2307.09288). Throws `nn_objective_shape_mismatch`.
 *
 * @example
 * ```ts
 * import { torch } from '@hadal/tensor'
 * import { rewardLoss } from '@hadal/nn'
 *
 * const rewards = { chosen: torch.tensor([1]), rejected: torch.tensor([1]) }
 * Number(rewardLoss(rewards).sum.item()).toFixed(3) // → '0.693'
 * ```
 */
export function rewardLoss(rewards: Pair<Tensor>, margin_b?: Tensor): SummedLoss {
  const count = rewards.chosen.numel
  checkShape('rewards.chosen', rewards.chosen, [count])
  checkShape('rewards.rejected', rewards.rejected, [count])
  if (margin_b) checkShape('margin_b', margin_b, [count])
  return scope(() => {
    const difference_b = rewards.chosen.float().sub(rewards.rejected.float())
    return { sum: negativeLogSigmoid(margin_b ? difference_b.sub(margin_b) : difference_b).sum(), count }
  })
}

const negativeLogSigmoid = (x: Tensor): Tensor => torch.logSigmoid(x).neg()
