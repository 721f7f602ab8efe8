/**
 * YaRN (Peng et al. 2023, arXiv:2309.00071) as DeepSeek applies it: low frequencies are stretched to the longer context, high ones
 * stay, those between are interpolated. Pure numbers.
 */

import { inverseFrequencies } from '../rotary.ts'

export interface YarnScaling {
  /** Context extension factor. */
  readonly factor: number
  /** Longest sequence before it, in tokens. */
  readonly original_max_position_embeddings: number
  /** Dimensions that turn more often than this over the original context stay as they are. */
  readonly beta_fast: number
  /** Dimensions that turn less often than this are stretched by the whole factor. */
  readonly beta_slow: number
  readonly mscale: number
  readonly mscale_all_dim: number
}

/**
 * 0.1 · mscale · ln(factor) + 1: how much sharper attention has to be over `factor` times the context.
 *
 * @internal
 */
export const yarnMagnitude = (factor: number, mscale: number): number =>
  factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1

/**
 * Radians a position, of each of the `width` / 2 pairs of dimensions.
 *
 * @internal
 */
export function yarnFrequencies(width: number, theta: number, scaling: YarnScaling): number[] {
  const { factor, original_max_position_embeddings: context, beta_fast, beta_slow } = scaling
  /** The (fractional) pair that turns `rotations` times over the original context. */
  const pairAt = (rotations: number): number =>
    (width * Math.log(context / (rotations * 2 * Math.PI))) / (2 * Math.log(theta))
  const first = Math.max(Math.floor(pairAt(beta_fast)), 0)
  const last = Math.min(Math.ceil(pairAt(beta_slow)), width - 1)
  const span = last === first ? 0.001 : last - first
  return inverseFrequencies(width, theta).map((frequency, pair) => {
    const stretched = Math.min(Math.max((pair - first) / span, 0), 1)
    return (frequency / factor) * stretched + frequency * (1 - stretched)
  })
}

/**
 * Multiplier of cos and sin.
 *
 * @internal
 */
export const yarnAmplitude = ({ factor, mscale, mscale_all_dim }: YarnScaling): number =>
  yarnMagnitude(factor, mscale) / yarnMagnitude(factor, mscale_all_dim)

/**
 * DeepSeek's multiplier of attention scores: the square of the magnitude for `mscale_all_dim`.
 *
 * @internal
 */
export const yarnScoreScale = ({ factor, mscale_all_dim }: YarnScaling): number =>
  yarnMagnitude(factor, mscale_all_dim) ** 2
