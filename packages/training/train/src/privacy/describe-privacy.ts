/** A one-line summary of a private run's guarantee. Pure. */

import type { PrivacyPlan } from './privacy-options.ts'

export function describePrivacy({
  epsilon,
  delta,
  noiseMultiplier,
  clipping,
  mode,
  modeReason,
  secure,
}: PrivacyPlan): string {
  const budget = epsilon === undefined ? 'no budget' : `a budget of epsilon ${epsilon}`
  const draws = secure ? 'drawn securely' : 'drawn from the seed'
  return `private: ${budget} at delta ${short(delta)}, noise ${short(noiseMultiplier)} ${draws}, ${clipping.kind} clipping to ${clipping.norm} by ${mode} (${modeReason})`
}

const short = (value: number): string => String(Number(value.toPrecision(3)))
