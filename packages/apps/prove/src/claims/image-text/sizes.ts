/** The compared configurations, one rate and equal weights or two rates and the guide's weights, and the experiment's size. Pure. */

import type { ContrastiveObjective, TowerRates } from '@hadal/train'
import type { ClaimMode } from '../../claim.ts'

export type FormName = 'one' | 'two'

export interface Form {
  readonly title: string
  readonly weights: Required<Pick<ContrastiveObjective, 'textWeight' | 'imageWeight'>>
  /** Times the factor. */
  readonly rates: Required<TowerRates>
}

/** The rates of the guide; the single rate is that of its text encoder. */
export const forms: Readonly<Record<FormName, Form>> = {
  one: {
    title: 'one rate, even weights',
    weights: { textWeight: 0.5, imageWeight: 0.5 },
    rates: { text: 1e-5, image: 1e-5 },
  },
  two: {
    title: 'two rates, weights 0.7 and 0.3',
    weights: { textWeight: 0.7, imageWeight: 0.3 },
    rates: { text: 1e-5, image: 5e-6 },
  },
}

export const formNames = Object.keys(forms) as FormName[]

interface Size {
  readonly side: number
  readonly width: number
  readonly layers: { readonly image: number; readonly text: number }
  readonly pictures: { readonly plain: number; readonly sketched: number; readonly heldOut: number }
  readonly pretrainSteps: number
  readonly tuneSteps: number
  /** What rates are multiplied with: those of the guide are for large models. */
  readonly factors: readonly number[]
  readonly seeds: number
}

export const sizes: Readonly<Record<ClaimMode, Size>> = {
  quick: {
    side: 32,
    width: 64,
    layers: { image: 2, text: 2 },
    pictures: { plain: 6000, sketched: 1500, heldOut: 500 },
    pretrainSteps: 180,
    tuneSteps: 20,
    factors: [1, 100, 300],
    seeds: 3,
  },
  full: {
    side: 48,
    width: 128,
    layers: { image: 4, text: 3 },
    pictures: { plain: 20_000, sketched: 4000, heldOut: 1000 },
    pretrainSteps: 900,
    tuneSteps: 60,
    factors: [1, 30, 100, 300],
    seeds: 5,
  },
}
