/**
 * Kubernetes' HorizontalPodAutoscaler as it decides by average values, so that what is rendered can be compared with `hadal scale`.
 * Sources: https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/ and, where that is silent,
 * `GetExternalPerPodMetricReplicas`, `stabilizeRecommendationWithBehaviors` and `convertDesiredReplicasWithBehaviorRate` of
 * pkg/controller/podautoscaler in kubernetes/kubernetes 1.32.
 */

import type { Observation, Reading } from '../observation.ts'
import type { Scaler, ScalerMaker, ScalerMove } from './scaler.ts'

export interface HpaSettings {
  readonly minReplicas: number
  readonly maxReplicas: number
  readonly metrics: readonly HpaMetric[]
  readonly behavior: { readonly scaleUp: HpaRules; readonly scaleDown: HpaRules }
}

export interface HpaMetric {
  readonly signal: 'busy' | 'backlog' | 'demand'
  /** For each replica. */
  readonly target: number
  /** Its query returns 0 if there is no value. */
  readonly isZeroWhenMissing: boolean
}

export interface HpaRules {
  readonly stabilizationWindowSeconds: number
  /** The one that allows most counts. */
  readonly policies: readonly {
    readonly type: 'Percent' | 'Pods'
    readonly value: number
    readonly periodSeconds: number
  }[]
}

/** `--horizontal-pod-autoscaler-tolerance`: nearer to the target than this changes nothing. */
const tolerance = 0.1
/** `--horizontal-pod-autoscaler-sync-period`. */
const syncMillis = 15_000
/** Prometheus' `--query.lookback-delta`: the last sample of a series counts for this long. */
const lookbackMillis = 300_000

/**
 * Kubernetes' own autoscaler as it would have decided.
 *
 * @example
 * ```ts
 * import { deployment } from './my-deployment.ts' // of planDeployment
 * import { hpaScaler, renderedHpa, replayScaling, syntheticDay } from '@hadal/fleet'
 *
 * const hpa = hpaScaler(renderedHpa(deployment, deployment.engines[0]!))
 * const day = syntheticDay('diurnal', { seed: 1, peak: 4 })
 * const { changes } = replayScaling(hpa, day, {
 *   model: { startMillis: 60_000, places: 16, serviceP99Millis: 2_000, maxQueue: 64 },
 *   replicas: 1,
 * })
 * console.log(changes.map(({ from, to, reason }) => `${from} to ${to}: ${reason}`))
 * ```
 */
export const hpaScaler =
  (settings: HpaSettings, name: string = 'hpa'): ScalerMaker =>
  () =>
    new Hpa(settings, name)

class Hpa implements Scaler {
  readonly name: string
  readonly #settings: HpaSettings
  /** In chronological order: recommendations, and changes. */
  #recommended: { readonly at: number; readonly replicas: number }[] | undefined
  #changed: { readonly at: number; readonly by: number }[] = []
  readonly #isDue = everyMillis(syncMillis)

  constructor(settings: HpaSettings, name: string) {
    this.#settings = settings
    this.name = name
  }

  decide(seen: Observation): ScalerMove {
    const { now, replicas } = seen
    const { minReplicas, maxReplicas } = this.#settings
    const stay = (text: string, isBlind = false): ScalerMove => ({
      to: replicas,
      reason: 'steady',
      text,
      isBlind,
    })
    if (!this.#isDue(now)) return stay('between two evaluations')
    // `recordInitialRecommendation`: the current count is the first.
    if (this.#recommended === undefined) this.#recommended = [{ at: now, replicas }]
    if (replicas === 0) return stay('disabled at 0 replicas')
    if (replicas > maxReplicas)
      return this.#move(seen, maxReplicas, 'bounds', `limited to maxReplicas ${maxReplicas}`)
    if (replicas < minReplicas)
      return this.#move(seen, minReplicas, 'bounds', `limited to minReplicas ${minReplicas}`)
    const requested = this.#settings.metrics.map((metric) => requestedBy(metric, seen))
    const isBlind = requested.some((each) => each === undefined)
    const known = requested.filter((each) => each !== undefined)
    if (known.length === 0) return stay('no value', true)
    const most = known.reduce((best, each) => (each.replicas > best.replicas ? each : best))
    // One that is missing may want more: nothing is taken away without it.
    if (isBlind && most.replicas < replicas) return stay('a metric is missing', true)
    const to = this.#limited(seen, this.#stabilised(seen, most.replicas))
    return { ...this.#move(seen, to, most.signal, most.text), isBlind }
  }

  /** Up only as far as all of the window agreed to, and down likewise. */
  #stabilised({ now, replicas }: Observation, desired: number): number {
    const { scaleUp, scaleDown } = this.#settings.behavior
    const windowMillis = (rules: HpaRules): number => rules.stabilizationWindowSeconds * 1000
    const keepMillis = Math.max(windowMillis(scaleUp), windowMillis(scaleDown))
    const recommended = this.#recommended!.filter(({ at }) => at > now - keepMillis)
    let [up, down] = [desired, desired]
    for (const { at, replicas: then } of recommended) {
      if (at > now - windowMillis(scaleUp)) up = Math.min(up, then)
      if (at > now - windowMillis(scaleDown)) down = Math.max(down, then)
    }
    this.#recommended = [...recommended, { at: now, replicas: desired }]
    return Math.min(down, Math.max(up, replicas))
  }

  /** As fast as the policies allow, within the bounds. */
  #limited({ now, replicas }: Observation, desired: number): number {
    const { behavior, minReplicas, maxReplicas } = this.#settings
    if (desired > replicas) {
      const limits = behavior.scaleUp.policies.map(({ type, value, periodSeconds }) => {
        const before = this.#before(now, replicas, periodSeconds)
        return type === 'Pods' ? before + value : Math.ceil(before * (1 + value / 100))
      })
      return Math.min(desired, maxReplicas, Math.max(replicas, ...limits))
    }
    if (desired < replicas) {
      const limits = behavior.scaleDown.policies.map(({ type, value, periodSeconds }) => {
        const before = this.#before(now, replicas, periodSeconds)
        return type === 'Pods' ? before - value : Math.trunc(before * (1 - value / 100))
      })
      return Math.max(desired, minReplicas, Math.min(replicas, ...limits))
    }
    return replicas
  }

  /** How many there were when the period began. */
  #before(now: number, replicas: number, periodSeconds: number): number {
    const since = this.#changed.filter(({ at }) => at > now - periodSeconds * 1000)
    return since.reduce((count, { by }) => count - by, replicas)
  }

  #move({ now, replicas }: Observation, to: number, reason: string, text: string): ScalerMove {
    if (to === replicas) return { to, reason: 'steady', text, isBlind: false }
    const { scaleUp, scaleDown } = this.#settings.behavior
    const longest = Math.max(
      ...[...scaleUp.policies, ...scaleDown.policies].map(({ periodSeconds }) => periodSeconds),
    )
    this.#changed = this.#changed.filter(({ at }) => at > now - longest * 1000)
    this.#changed.push({ at: now, by: to - replicas })
    return { to, reason, text, isBlind: false }
  }
}

/** Whether the next look is due, whatever the steps of a replay are: at the first `now`, and once for each stretch after it. */
export function everyMillis(millis: number): (now: number) => boolean {
  let first: number | undefined
  let last = -1
  return (now) => {
    first ??= now
    const stretch = Math.floor((now - first) / millis)
    if (stretch <= last) return false
    last = stretch
    return true
  }
}

function requestedBy(
  { signal, target, isZeroWhenMissing }: HpaMetric,
  seen: Observation,
): { readonly replicas: number; readonly signal: string; readonly text: string } | undefined {
  const value = prometheusValue(readingOf(seen, signal), seen.now) ?? (isZeroWhenMissing ? 0 : undefined)
  if (value === undefined) return undefined
  const ratio = value / (target * seen.replicas)
  const each = `${round(value / seen.replicas)}${signal === 'busy' ? ' % busy' : ' waiting'} per replica at ${seen.replicas} replicas, target ${round(target)}`
  return Math.abs(1 - ratio) <= tolerance
    ? { replicas: seen.replicas, signal, text: `${each}: within the tolerance` }
    : { replicas: Math.ceil(value / target - 1e-9), signal, text: each }
}

export const readingOf = (seen: Observation, signal: HpaMetric['signal']): Reading =>
  (signal === 'busy' ? seen.busyPercent : signal === 'backlog' ? seen.backlog : seen.demand) ?? {
    missing: 'not requested',
  }

/** As a query returns it, without sample age: a silent series persists for five minutes. Undefined: no value. */
export function prometheusValue(reading: Reading, now: number): number | undefined {
  if ('missing' in reading || !Number.isFinite(reading.value)) return undefined
  return now - reading.at >= lookbackMillis ? undefined : reading.value
}

const round = (value: number): string => String(Math.round(value * 10) / 10)
