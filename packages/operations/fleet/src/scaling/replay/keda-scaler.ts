/**
 * KEDA as it decides: a HorizontalPodAutoscaler that it makes for every number but zero, and its own polling for the steps to
 * zero and from it. Sources: https://keda.sh/docs/latest/concepts/scaling-deployments/ and
 * https://keda.sh/docs/latest/reference/scaledobject-spec/; `RequestScale` of pkg/scaling/executor in kedacore/keda 2.17.
 */

import type { Observation } from '../observation.ts'
import {
  everyMillis,
  type HpaMetric,
  type HpaSettings,
  hpaScaler,
  prometheusValue,
  readingOf,
} from './hpa-scaler.ts'
import type { ScalerMaker, ScalerMove } from './scaler.ts'

export interface KedaSettings {
  /** What KEDA makes of it. */
  readonly hpa: HpaSettings
  readonly triggers: readonly (HpaMetric & { readonly activation: number })[]
  readonly pollingMillis: number
  /** `cooldownPeriod`; undefined: it never goes to zero. */
  readonly sleepAfterMillis: number | undefined
}

/**
 * KEDA as it would have decided.
 *
 * @example
 * ```ts
 * import { deployment } from './my-deployment.ts' // of planDeployment
 * import { kedaScaler, renderedKeda } from '@hadal/fleet'
 *
 * const keda = kedaScaler(renderedKeda(deployment, deployment.engines[0]!))
 * console.log(keda().name) // keda
 * ```
 */
export const kedaScaler =
  (settings: KedaSettings, name: string = 'keda'): ScalerMaker =>
  () => {
    const { hpa, triggers, sleepAfterMillis, pollingMillis } = settings
    const isPolled = everyMillis(pollingMillis)
    const inner = hpaScaler(hpa, name)()
    let activeAt: number | undefined
    return {
      name,
      decide(seen): ScalerMove {
        if (sleepAfterMillis === undefined || !isPolled(seen.now)) return inner.decide(seen)
        const { now, replicas } = seen
        activeAt ??= now
        const active = activity(triggers, seen)
        if (active === true) activeAt = now
        if (replicas === 0)
          return active === true
            ? { to: hpa.minReplicas, reason: 'wake', text: 'a trigger is active', isBlind: false }
            : { to: 0, reason: 'asleep', text: 'no trigger is active', isBlind: active === undefined }
        if (active === false && now - activeAt > sleepAfterMillis)
          return { to: 0, reason: 'sleep', text: 'no trigger was active', isBlind: false }
        return inner.decide(seen)
      },
    }
  }

/** Whether any trigger is above its activation. Undefined: none is, and one does not answer. */
function activity(triggers: KedaSettings['triggers'], seen: Observation): boolean | undefined {
  let isUnknown = false
  for (const { signal, activation, isZeroWhenMissing } of triggers) {
    const value = prometheusValue(readingOf(seen, signal), seen.now) ?? (isZeroWhenMissing ? 0 : undefined)
    if (value === undefined) isUnknown = true
    else if (value > activation) return true
  }
  return isUnknown ? undefined : false
}
