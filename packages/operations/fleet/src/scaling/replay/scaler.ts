/** Common interface of Hadal's autoscaler and others, which decide the number of engines, for comparison. */

import type { Observation } from '../observation.ts'

export interface Scaler {
  /** `hadal`, `keda`, `fixed:4`. */
  readonly name: string
  /** Engines that it begins with; undefined: as many as there are. */
  readonly replicas?: number
  /** Called once per step, in chronological order; may keep state. */
  decide(seen: Observation): ScalerMove
}

export interface ScalerMove {
  /** The same number as before: nothing changes. */
  readonly to: number
  /** `busy`, `backlog`, `bounds` and so on. */
  readonly reason: string
  /** Why, without the numbers of engines. */
  readonly text: string
  /** A required signal is missing. */
  readonly isBlind: boolean
}

/** Begins again for each replay. */
export type ScalerMaker = () => Scaler

/**
 * A fixed number of engines: the baseline of comparisons.
 *
 * @example
 * ```ts
 * import { fixedScaler, replayScaling, syntheticDay } from '@hadal/fleet'
 *
 * const { summary } = replayScaling(fixedScaler(2), syntheticDay('steady', { seed: 1, peak: 2 }), {
 *   model: { startMillis: 60_000, places: 16, serviceP99Millis: 2_000, maxQueue: 64 },
 *   replicas: 2,
 * })
 * summary.most // → 2
 * ```
 */
export const fixedScaler =
  (replicas: number): ScalerMaker =>
  () => ({
    name: `fixed:${replicas}`,
    replicas,
    decide: () => ({ to: replicas, reason: 'fixed', text: `fixed at ${replicas}`, isBlind: false }),
  })
