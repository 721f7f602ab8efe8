/** Who decides how many engines there are: ours and others behind one door, so that they can be compared. */

import type { Observation } from '../observation.ts'

export interface Scaler {
  /** `hadal`, `keda`, `fixed:4`. */
  readonly name: string
  /** Engines that it begins with; undefined: as many as there are. */
  readonly replicas?: number
  /** Called once a step, in order of time; may keep what it needs to remember. */
  decide(seen: Observation): ScalerMove
}

export interface ScalerMove {
  /** The same number as before: nothing changes. */
  readonly to: number
  /** `busy`, `backlog`, `bounds` and so on. */
  readonly reason: string
  /** Why, without the numbers of engines. */
  readonly text: string
  /** A figure that it needs says nothing. */
  readonly isBlind: boolean
}

/** Begins anew for each replay. */
export type ScalerMaker = () => Scaler

export const fixedScaler =
  (replicas: number): ScalerMaker =>
  () => ({
    name: `fixed:${replicas}`,
    replicas,
    decide: () => ({ to: replicas, reason: 'fixed', text: `always ${replicas}`, isBlind: false }),
  })
