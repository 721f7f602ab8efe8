/**
 * Lets a scaler decide over a workload, step by step: look, decide, scale, let the step happen. A second scaler over the same
 * workload can be compared with it. Pure: the same workload and scaler give the same replay.
 */

import { advanced, type FleetModel, fleetOf, requestedBy, scaledTo, started } from './fleet-model.ts'
import { FleetWatch } from './fleet-watch.ts'
import type { Replay, ReplayChange, ReplayColumns } from './replay.ts'
import { summaryOf } from './replay-summary.ts'
import type { ScalerMaker } from './scaler.ts'
import type { Workload } from './workload.ts'

export interface ReplayOptions {
  readonly model: FleetModel
  /** P99 that is promised; none: nothing is over it. */
  readonly sloMillis?: number | undefined
  /** Engines at the first step, all ready. */
  readonly replicas: number
}

/**
 * Plays a day through a scaler: engines, waits and how often the promise was broken.
 *
 * @example
 * ```ts
 * import { fixedScaler, replayScaling, syntheticDay } from '@hadal/fleet'
 *
 * const day = syntheticDay('flash-crowd', { seed: 1, peak: 3 })
 * const { summary } = replayScaling(fixedScaler(3), day, {
 *   model: { startMillis: 60_000, places: 16, serviceP99Millis: 2_000, maxQueue: 64 },
 *   sloMillis: 4_000,
 *   replicas: 3,
 * })
 * summary.engineHours // → 72
 * ```
 */
export function replayScaling(make: ScalerMaker, workload: Workload, options: ReplayOptions): Replay {
  const { startAt, stepMillis, load } = workload
  const { model, sloMillis } = options
  const steps = load.length
  const columns: ReplayColumns = {
    replicas: new Int32Array(steps),
    ready: new Int32Array(steps),
    busy: new Float64Array(steps),
    backlog: new Float64Array(steps),
    latencyP99Millis: new Float64Array(steps),
  }
  const changes: ReplayChange[] = []
  const scaler = make()
  const watch = new FleetWatch(workload, sloMillis !== undefined)
  let fleet = fleetOf(scaler.replicas ?? options.replicas)
  // Load before the first step is assumed to equal it.
  let last = advanced(fleet, load[0] ?? 0, startAt - stepMillis, stepMillis, model)
  let arrived = 0
  let refused = 0
  let blindSteps = 0
  for (let index = 0; index < steps; index += 1) {
    const now = startAt + index * stepMillis
    fleet = started(fleet, now)
    const from = requestedBy(fleet)
    const { to, reason, text, isBlind } = scaler.decide(watch.see(now, fleet, last))
    if (isBlind) blindSteps += 1
    if (to !== from) {
      changes.push({ at: now, from, to, reason, text })
      fleet = scaledTo(fleet, to, now, model)
    }
    last = advanced(fleet, load[index]!, now, stepMillis, model)
    fleet = last.fleet
    arrived += last.arrived
    refused += last.refused
    columns.replicas[index] = to
    columns.ready[index] = fleet.ready
    columns.busy[index] = last.busy
    columns.backlog[index] = last.backlog
    columns.latencyP99Millis[index] = last.latencyP99Millis
  }
  const summary = summaryOf(columns, changes, { stepMillis, sloMillis, arrived, refused, blindSteps })
  return { scaler: scaler.name, columns, changes, summary }
}
