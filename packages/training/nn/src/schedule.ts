/** Learning rate as a pure function of the step. Every schedule begins with a linear warm-up. */

export interface CosineSchedule {
  readonly peak: number
  /** Steps of linear warm-up; the first step already learns at peak / warmupSteps. */
  readonly warmupSteps: number
  readonly totalSteps: number
  /** Where the cosine ends, as a fraction of the peak. */
  readonly floorFraction: number
}

/** A straight line from the peak to the floor. */
export interface LinearSchedule extends CosineSchedule {
  readonly kind: 'linear'
}

/**
 * Warm-up, stable, decay (Hu et al. 2024, arXiv:2404.06395): the peak until `decaySteps` before the end. Until there it does
 * not depend on the end, so a run can be prolonged from any checkpoint of its stable part.
 */
export interface WsdSchedule extends CosineSchedule {
  readonly kind: 'wsd'
  readonly decaySteps: number
  /** `1-sqrt` falls faster at first (Hägele et al. 2024, arXiv:2405.18392); `linear` when left out. */
  readonly decayShape?: 'linear' | '1-sqrt'
}

/** Falls with the root of the step (Vaswani et al. 2017, arXiv:1706.03762), wherever the run ends. */
export interface InverseSqrtSchedule {
  readonly kind: 'inverse-sqrt'
  readonly peak: number
  readonly warmupSteps: number
  readonly totalSteps: number
  /** The rate halves within three times this number of steps after the warm-up; `warmupSteps` when left out. */
  readonly timescale?: number
}

/** Without a kind it is a cosine. */
export type Schedule =
  | ({ readonly kind?: 'cosine' } & CosineSchedule)
  | LinearSchedule
  | WsdSchedule
  | InverseSqrtSchedule

/**
 * The rate of step 0, 1, ... totalSteps - 1; from totalSteps on those with a floor stay there.
 *
 * @example
 * ```ts
 * import { learningRateAt } from '@hadal/nn'
 *
 * learningRateAt({ kind: 'linear', peak: 1e-3, warmupSteps: 10, totalSteps: 110, floorFraction: 0 }, 60) // → 0.0005
 * ```
 */
export function learningRateAt(schedule: Schedule, step: number): number {
  const { peak, warmupSteps, totalSteps } = schedule
  if (step < warmupSteps) return warmup(peak, warmupSteps, step)
  switch (schedule.kind) {
    case 'inverse-sqrt': {
      const timescale = schedule.timescale ?? Math.max(1, warmupSteps)
      return peak * Math.sqrt(timescale / (timescale + step - warmupSteps))
    }
    case 'linear':
      return fallen(schedule, progress(step - warmupSteps, totalSteps - warmupSteps))
    case 'wsd': {
      const done = progress(step - (totalSteps - schedule.decaySteps), schedule.decaySteps)
      return fallen(schedule, schedule.decayShape === '1-sqrt' ? Math.sqrt(done) : done)
    }
    default:
      return cosineLearningRate(schedule, step)
  }
}

/**
 * The rate of step 0, 1, ... totalSteps - 1; from totalSteps on it stays at the floor (Loshchilov 2016, arXiv:1608.03983).
 *
 * @example
 * ```ts
 * import { cosineLearningRate } from '@hadal/nn'
 *
 * const schedule = { peak: 1e-3, warmupSteps: 10, totalSteps: 100, floorFraction: 0.1 }
 * cosineLearningRate(schedule, 10) // → 0.001
 * ```
 */
export function cosineLearningRate(schedule: CosineSchedule, step: number): number {
  const { peak, warmupSteps, totalSteps, floorFraction } = schedule
  if (step < warmupSteps) return warmup(peak, warmupSteps, step)
  const done = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps))
  const floor = peak * floorFraction
  return floor + 0.5 * (peak - floor) * (1 + Math.cos(Math.PI * done))
}

const warmup = (peak: number, warmupSteps: number, step: number): number => (peak * (step + 1)) / warmupSteps

const progress = (done: number, steps: number): number => Math.min(1, Math.max(0, done / Math.max(1, steps)))

/** `done` 0 is the peak, 1 the floor. */
function fallen({ peak, floorFraction }: CosineSchedule, done: number): number {
  return peak - peak * (1 - floorFraction) * done
}
