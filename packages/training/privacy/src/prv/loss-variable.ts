/**
 * The privacy loss of one step as a random variable: ln of how much likelier its outcome is with a sample in the data than without.
 * For the Poisson-subsampled Gaussian mechanism with sensitivity 1, outcome x ~ (1-q) N(0, sigma²) + q N(1, sigma²) and loss ln(1 -
 * q + q exp((x - 1/2) / sigma²)), which rises with x. Gopi, Lee, Wutschitz, "Numerical Composition of Differential Privacy" (2021),
 * appendix B.
 */

import { erfc } from '../gaussian-tails.ts'

export interface LossVariable {
  readonly noiseMultiplier: number
  readonly sampleRate: number
}

/** Outcomes further out than this many sigmas, probability below 1e-23, are left out. */
const reach = 10

/** The range of losses that has all but a probability of about 1e-23, within the given bounds. */
export function lossRange(of: LossVariable, least: number, most: number): { least: number; most: number } {
  return {
    least: Math.max(least, lossAt(of, -reach * of.noiseMultiplier)),
    most: Math.min(most, lossAt(of, 1 + reach * of.noiseMultiplier)),
  }
}

/** Probability of a loss above `loss`. */
export function survival(of: LossVariable, loss: number): number {
  const { noiseMultiplier: sigma, sampleRate: rate } = of
  const outcome = outcomeAt(of, loss)
  const scale = Math.SQRT1_2 / sigma
  return (rate * erfc((outcome - 1) * scale) + (1 - rate) * erfc(outcome * scale)) / 2
}

/** Mean of the loss restricted to a range, by the trapezoidal rule over outcomes, which converges exponentially here. */
export function meanWithin(of: LossVariable, range: { least: number; most: number }): number {
  const { noiseMultiplier: sigma, sampleRate: rate } = of
  const from = Math.max(outcomeAt(of, range.least), -reach * sigma)
  const to = Math.min(outcomeAt(of, range.most), 1 + reach * sigma)
  const cells = Math.ceil((to - from) / Math.min(sigma / 4, (sigma * sigma) / 4))
  const width = (to - from) / cells
  let sum = 0
  for (let cell = 0; cell <= cells; cell += 1) {
    const outcome = from + cell * width
    const density =
      rate * Math.exp(-0.5 * ((outcome - 1) / sigma) ** 2) +
      (1 - rate) * Math.exp(-0.5 * (outcome / sigma) ** 2)
    sum += (cell === 0 || cell === cells ? 0.5 : 1) * density * lossAt(of, outcome)
  }
  const mass = survival(of, range.least) - survival(of, range.most)
  return (sum * width) / (sigma * Math.sqrt(2 * Math.PI) * mass)
}

function lossAt({ noiseMultiplier, sampleRate }: LossVariable, outcome: number): number {
  const whole = (outcome - 0.5) / noiseMultiplier ** 2
  // Where exp would overflow, the sample is as good as certain to be in.
  return whole > 700 ? whole + Math.log(sampleRate) : Math.log1p(sampleRate * Math.expm1(whole))
}

/** -Infinity for a loss that no outcome has. */
function outcomeAt({ noiseMultiplier, sampleRate }: LossVariable, loss: number): number {
  const ratio = Math.expm1(loss) / sampleRate
  return ratio <= -1 ? Number.NEGATIVE_INFINITY : noiseMultiplier ** 2 * Math.log1p(ratio) + 0.5
}
