/** A learning rate for each tower. Pure arithmetic; knows nothing about optimizers. */

import { type RateFactor, towerOf } from '@hadal/nn'

/** Rates at the schedule's peak; a tower that is left out learns at the peak itself, as do the scale and bias of similarities. */
export interface TowerRates {
  readonly text?: number
  readonly image?: number
}

/** What the schedule's rate is multiplied with, by a parameter's name. `rates` are free of `towerRateFaults`. */
export const towerRateFactor =
  (rates: TowerRates, peak: number): RateFactor =>
  (name) => {
    const tower = towerOf(name)
    return tower === undefined ? 1 : (rates[tower] ?? peak) / peak
  }

/** Every fault as a sentence that names the value. */
export const towerRateFaults = (rates: TowerRates): string[] =>
  (['text', 'image'] as const).flatMap((tower) => {
    const rate = rates[tower]
    const isSound = rate === undefined || (typeof rate === 'number' && rate > 0 && Number.isFinite(rate))
    return isSound ? [] : [`rates.${tower} is ${JSON.stringify(rate)}; it must be a rate above 0`]
  })
