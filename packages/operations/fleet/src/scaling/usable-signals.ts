/** Which signals are reliable, and why the others are not: stale, impossible or missing ones must not cause scaling. */

import { formatMillis } from '@hadal/base'
import type { SignalView } from './decision.ts'
import type { Observation, Reading } from './observation.ts'
import type { ScalingPolicy } from './scaling-policy.ts'

/** Those that are undefined say nothing. */
export interface Signals {
  /** Replicas' worth, in percent. Never more than all that answer could be; of those that are not measured as of the others. */
  readonly busy: number | undefined
  /** Some engines have no known load. */
  readonly isPartial: boolean
  readonly waiting: number | undefined
  /** NaN: no requests, so none were late. */
  readonly latency: number | undefined
  readonly demand: number | undefined
  readonly views: readonly SignalView[]
}

/** Clocks differ a little; a figure from further ahead is not to be placed in time. */
const maxAheadMillis = 30_000
/** DCGM reports about 9.22e18 for what a GPU does not measure. */
const impossible = 1e15

export function usableSignals(policy: ScalingPolicy, seen: Observation): Signals {
  const views: SignalView[] = []
  const read = (name: SignalView['name'], reading: Reading, isNothingFine = false): number | undefined => {
    const unusable = whyUnusable(reading, policy.staleAfterMillis, seen.now, isNothingFine)
    if (unusable !== undefined || 'missing' in reading) {
      views.push({ name, unusable: unusable ?? 'missing' })
      return undefined
    }
    views.push(Number.isNaN(reading.value) ? { name } : { name, value: reading.value })
    return reading.value
  }
  const measured = seen.measuredReplicas ?? seen.readyReplicas
  const isPartial = measured < seen.readyReplicas
  const said = read('busy', seen.busyPercent)
  const busy = measured === 0 && isPartial ? undefined : said
  if (isPartial && said !== undefined)
    views.push({ name: 'busy', unusable: `only ${measured} of ${seen.readyReplicas} engines report it` })
  const waiting = read('backlog', seen.backlog)
  const { latencyP99Millis, demand } = seen
  return {
    // Engines that load compute, too, those that are gone may be counted for a while, and two exporters may measure one GPU.
    busy:
      busy === undefined
        ? undefined
        : Math.min(isPartial ? (busy / measured) * seen.readyReplicas : busy, 100 * seen.readyReplicas),
    isPartial,
    waiting,
    latency:
      policy.latencyMillis === undefined || latencyP99Millis === undefined
        ? undefined
        : read('latency', latencyP99Millis, true),
    demand: policy.scaleToZero && demand !== undefined ? read('demand', demand) : undefined,
    views,
  }
}

function whyUnusable(
  reading: Reading,
  staleAfterMillis: number,
  now: number,
  isNothingFine: boolean,
): string | undefined {
  if ('missing' in reading) return reading.missing
  const { at, value } = reading
  const age = now - at
  if (!Number.isFinite(age)) return 'the measurement time is unknown'
  if (age > staleAfterMillis)
    return `${formatMillis(age)} old, and stale after ${formatMillis(staleAfterMillis)}`
  if (age < -Math.min(maxAheadMillis, staleAfterMillis))
    return `measured ${formatMillis(-age)} ahead of this clock`
  if (Number.isNaN(value)) return isNothingFine ? undefined : 'not a number'
  if (value < 0 || value > impossible) return `${value} is not a possible value`
  return undefined
}
