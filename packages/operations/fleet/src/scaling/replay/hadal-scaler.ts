/** `hadal scale` in simulation: the same decisions, state and forecasts as in a cluster. */

import { decideScale } from '../decide-scale.ts'
import type { ScalingState } from '../decision.ts'
import { forecastLoad, type LoadHistory } from '../forecast-load.ts'
import type { Observation } from '../observation.ts'
import type { ScalingPolicy } from '../scaling-policy.ts'
import type { ScalerMaker } from './scaler.ts'

/**
 * `before` is what was seen before the first decision.
 *
 * @example
 * ```ts
 * import { deployment } from './my-deployment.ts' // of planDeployment
 * import { hadalScaler, replayScaling, scalerPlanOf, syntheticDay } from '@hadal/fleet'
 *
 * const { policy } = scalerPlanOf(deployment).models[0]!
 * const { summary } = replayScaling(hadalScaler(policy), syntheticDay('flash-crowd', { seed: 1, peak: 3 }), {
 *   model: { startMillis: 60_000, places: 16, serviceP99Millis: 2_000, maxQueue: 64 },
 *   replicas: 1,
 * })
 * console.log(summary.engineHours, summary.overSloShare)
 * ```
 */
export function hadalScaler(
  policy: ScalingPolicy,
  before: LoadHistory = [],
  name: string = 'hadal',
): ScalerMaker {
  return () => {
    let state: ScalingState = {}
    const history = [...before]
    const forecastOf = (seen: Observation): Observation['forecast'] => {
      if (policy.predict !== 'history') return undefined
      remember(history, seen)
      return forecastLoad(history, seen.now, policy.startMillis)
    }
    return {
      name,
      decide(seen) {
        const { decision, state: next } = decideScale(policy, state, { ...seen, forecast: forecastOf(seen) })
        state = next
        return {
          to: decision.to,
          reason: decision.reason,
          text: decision.text.slice(decision.text.indexOf(': ') + 2),
          isBlind: decision.signals.some(({ unusable }) => unusable !== undefined),
        }
      },
    }
  }
}

/** A figure for each minute is enough, and a year of them is little. */
const apartMillis = 60_000

function remember(history: { at: number; value: number }[], { busyPercent }: Observation): void {
  if ('missing' in busyPercent || !Number.isFinite(busyPercent.value)) return
  const { at, value } = busyPercent
  const last = history.at(-1)
  if (last === undefined || at - last.at >= apartMillis) history.push({ at, value })
}
