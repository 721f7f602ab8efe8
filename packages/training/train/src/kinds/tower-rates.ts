/** A learning rate per encoder. Pure. */

import { type RateFactor, towerOf } from '@hadal/nn'

/** Rates at the schedule's peak; an encoder without one uses the peak itself, as do the scale and bias of similarities. */
export interface TowerRates {
  readonly text?: number
  readonly image?: number
}

/** Multiplier of the schedule's rate by parameter name. `rates` must be valid (`towerRateIssues`). */
export const towerRateFactor =
  (rates: TowerRates, peak: number): RateFactor =>
  (name) => {
    const tower = towerOf(name)
    return tower === undefined ? 1 : (rates[tower] ?? peak) / peak
  }

/** Returns every issue as a sentence that includes the value. */
export const towerRateIssues = (rates: TowerRates): string[] =>
  (['text', 'image'] as const).flatMap((tower) => {
    const rate = rates[tower]
    const isSound = rate === undefined || (typeof rate === 'number' && rate > 0 && Number.isFinite(rate))
    return isSound ? [] : [`rates.${tower} is ${JSON.stringify(rate)}; it must be a rate above 0`]
  })
