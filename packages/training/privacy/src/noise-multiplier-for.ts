/** The noise that a budget requires. */

import { bracketRoot } from './bracket-root.ts'
import { type Accountant, checkEpsilon, epsilonOf } from './epsilon.ts'
import { epsilonUnreachable } from './errors.ts'
import { addSteps, type Ledger } from './ledger.ts'

export interface PrivacyTarget {
  readonly epsilon: number
  readonly delta: number
  readonly sampleRate: number
  readonly steps: number
  /** Budget spent earlier, with any noise. */
  readonly spent?: Ledger
  readonly accountant?: Accountant
}

/** No budget that means anything asks for more, or is content with less. */
const maxNoise = 2 ** 24
const minNoise = 2 ** -10

/** Relative: the multiplier is at most this much larger than it has to be. */
const tolerance = 1e-6

/**
 * The smallest noise multiplier with which this many steps stay within epsilon; never a smaller one.
 *
 * @throws `privacy_epsilon_unreachable` where no noise is enough, `privacy_ledger_invalid`, `privacy_target_invalid`
 *
 * @example
 * ```ts
 * import { noiseMultiplierFor } from '@hadal/privacy'
 *
 * const sigma = noiseMultiplierFor({ epsilon: 3, delta: 1e-5, sampleRate: 256 / 60_000, steps: 2_000 })
 * sigma.toFixed(2) // → '0.68'
 * ```
 */
export function noiseMultiplierFor(target: PrivacyTarget): number {
  const { epsilon, delta, accountant = 'prv' } = target
  checkEpsilon(epsilon)
  const epsilonWith = (noiseMultiplier: number): number =>
    epsilonOf(ledgerOf(target, noiseMultiplier), delta, accountant)
  // Epsilon rises with -ln(sigma), nearly as a straight line once it is a logarithm itself.
  const excess = (x: number): number => Math.log(epsilonWith(Math.exp(-x)) / epsilon)

  let enough = accountant === 'prv' ? quickGuess(target) : 1
  while (epsilonWith(enough) > epsilon) {
    if (enough >= maxNoise) throw epsilonUnreachable(epsilon, delta, accountant, epsilonWith(enough))
    enough *= 2
  }
  // From near by: with less noise, prv takes more time.
  let factor = 1.1
  let tooLittle = enough / factor
  while (epsilonWith(tooLittle) <= epsilon) {
    if (tooLittle <= minNoise) return tooLittle
    enough = tooLittle
    factor = Math.min(2, factor ** 2)
    tooLittle /= factor
  }
  const { low } = bracketRoot(excess, { low: -Math.log(enough), high: -Math.log(tooLittle) }, tolerance)
  return Math.exp(-low)
}

/** Near what `prv` asks for, by looking at `rdp` alone. */
function quickGuess(target: PrivacyTarget): number {
  const minOfRdp = epsilonOf(ledgerOf(target, maxNoise), target.delta, 'rdp')
  return minOfRdp < target.epsilon ? noiseMultiplierFor({ ...target, accountant: 'rdp' }) : 1
}

function ledgerOf({ sampleRate, steps, spent = [] }: PrivacyTarget, noiseMultiplier: number): Ledger {
  return addSteps(spent, { noiseMultiplier, sampleRate, steps })
}
