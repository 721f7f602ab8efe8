/** Turns the sum of clipped gradients into the noisy mean that an optimizer may see. */

import { addNormalNoise_, type Tensor, torch } from '@hadal/tensor'
import type { PrivacyPlan } from './privacy-options.ts'

type Noise = Pick<PrivacyPlan, 'noiseMultiplier' | 'clipping' | 'expectedRows' | 'secure'>

/**
 * Makes of a step's sum of clipped gradients, fp32, its private mean, in place: plus noise N(0, (noise multiplier · clipping norm)²),
 * divided by the rows that were expected, for how many there were is private. Abadi et al. 2016, arXiv:1607.00133, algorithm 1.
 */
export function makePrivateMean(
  sum: readonly Tensor[],
  { noiseMultiplier, clipping, expectedRows, secure }: Noise,
): void {
  addNormalNoise_(sum, noiseMultiplier * clipping.norm, secure ? 'secure' : 'seeded')
  torch._foreachMul_([...sum], 1 / expectedRows)
}
