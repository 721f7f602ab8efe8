/** What is compared: rates of both towers, and what each direction counts. */

import type { TuneOptions } from '../../recipes/emoji-clip/stages.ts'

export interface Variant extends Pick<TuneOptions, 'rates' | 'weights'> {
  readonly name: string
  /** What the guide's rates are multiplied with. */
  readonly factor: number
}

const even = { textWeight: 0.5, imageWeight: 0.5 }
const guided = { textWeight: 0.7, imageWeight: 0.3 }
const textRate = 1e-5

/** Both towers at the rate that the guide gives the text tower. */
const oneRate = (factor: number): Variant['rates'] => ({ text: textRate * factor, image: textRate * factor })
const twoRates = (factor: number): Variant['rates'] => ({
  text: textRate * factor,
  image: (textRate / 2) * factor,
})

export const factors: readonly number[] = [1, 10, 50]
/** Where rates and weights are tried apart. */
export const apart = 10

export const oneRateName = (factor: number): string => `one rate, even weights, ×${factor}`
export const guidedName = (factor: number): string => `two rates, 0.7 and 0.3, ×${factor}`

export const variants: readonly Variant[] = [
  ...factors.flatMap((factor): Variant[] => [
    { name: oneRateName(factor), factor, rates: oneRate(factor), weights: even },
    { name: guidedName(factor), factor, rates: twoRates(factor), weights: guided },
  ]),
  { name: `two rates, even weights, ×${apart}`, factor: apart, rates: twoRates(apart), weights: even },
  { name: `one rate, 0.7 and 0.3, ×${apart}`, factor: apart, rates: oneRate(apart), weights: guided },
]
