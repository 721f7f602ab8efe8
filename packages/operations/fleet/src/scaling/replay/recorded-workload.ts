/**
 * Reconstructs load from a recording. The recording depends on the engine count at the time; load is what any count would have
 * received: the work done and the work newly queued. Requests rejected then are not included.
 */

import { median } from '@hadal/base'
import { scaleRecordingEmpty } from './errors.ts'
import { type FleetModel, workOfRequest } from './fleet-model.ts'
import type { LoadRecording, RecordedValues } from './recording.ts'
import type { Sight, SignalName, Workload } from './workload.ts'

/** Engines this busy may have left work undone. */
const fullShare = 0.95
/** Above this share, requests were likely rejected or abandoned. */
const fullWorthSaying = 0.02

/**
 * Throws `scale_recording_empty`.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs'
 * import { fixedScaler, readRecording, recordedWorkload, replayScaling } from '@hadal/fleet'
 *
 * const model = { startMillis: 60_000, places: 16, serviceP99Millis: 2_000, maxQueue: 64 }
 * const day = recordedWorkload(readRecording(readFileSync('monday.json', 'utf8'), 'monday.json'), model)
 * const { summary } = replayScaling(fixedScaler(3), day, { model, replicas: 3 })
 * console.log(summary.overSloShare)
 * ```
 */
export function recordedWorkload(
  whole: LoadRecording,
  model: Pick<FleetModel, 'places' | 'serviceP99Millis'>,
): Workload {
  const recording = seenPart(whole)
  const { title, startAt, stepMillis, backlog, replicas, before } = recording
  const busy = recording.busyPercent
  const done = bridged(busy)
  const waiting = backlog.every((value) => value === null) ? done.map(() => 0) : bridged(backlog)
  const requestMillis = workOfRequest(model)
  const load = Float64Array.from(done, (percent, index) => {
    const more = (waiting[index + 1] ?? waiting[index]!) - waiting[index]!
    return Math.max(0, percent / 100 + (more * requestMillis) / stepMillis)
  })
  const first = replicas.find((count) => count !== null)
  return {
    title,
    startAt,
    stepMillis,
    load,
    sights: [...gaps(busy, 'busy', recording), ...gaps(backlog, 'backlog', recording)].sort(
      (a, b) => a.from - b.from,
    ),
    history:
      before === undefined
        ? []
        : before.busyPercent.flatMap((value, index) =>
            value === null ? [] : [{ at: before.startAt + index * before.stepMillis, value }],
          ),
    replicas: first === undefined ? undefined : Math.round(first),
    notes: [...cutNotes(whole, recording), ...notesOf(busy, recording)],
  }
}

/**
 * From the first to the last step with known engine utilization: Prometheus no longer has the data before it, and does not have the
 * data after it yet. Throws `scale_recording_empty`.
 */
function seenPart(recording: LoadRecording): LoadRecording {
  const { title, startAt, stepMillis, backlog, demand, latencyP99Millis, replicas } = recording
  // A model that sleeps has no engine that would say it is idle.
  const isAsleep = (index: number): boolean =>
    replicas[index] === 0 || (demand[index] === 0 && backlog[index] === 0)
  const busy = recording.busyPercent.map((value, index) => value ?? (isAsleep(index) ? 0 : null))
  const first = busy.findIndex((value) => value !== null)
  const end = busy.findLastIndex((value) => value !== null) + 1
  if (first === -1) throw scaleRecordingEmpty(title, 'the engine utilization')
  return {
    ...recording,
    startAt: startAt + first * stepMillis,
    busyPercent: busy.slice(first, end),
    backlog: backlog.slice(first, end),
    demand: demand.slice(first, end),
    latencyP99Millis: latencyP99Millis.slice(first, end),
    replicas: replicas.slice(first, end),
  }
}

function cutNotes(whole: LoadRecording, { busyPercent, startAt, stepMillis }: LoadRecording): string[] {
  const cut = whole.busyPercent.length - busyPercent.length
  if (cut === 0) return []
  const iso = (at: number): string => `${new Date(at).toISOString().slice(0, 16)}Z`
  return [
    `the engine utilization is recorded only from ${iso(startAt)} to ${iso(startAt + busyPercent.length * stepMillis)}: the rest of the range is left out`,
  ]
}

/**
 * P99 of answers while nothing waited and engines were less than half busy: what an answer takes. Undefined where it never was so.
 *
 * @internal
 */
export function recordedServiceP99({
  latencyP99Millis,
  backlog,
  busyPercent,
  replicas,
}: LoadRecording): number | undefined {
  const idle = latencyP99Millis.filter(
    (value, index) =>
      value !== null &&
      value > 0 &&
      backlog[index] === 0 &&
      (busyPercent[index] ?? 0) < 50 * (replicas[index] ?? 0),
  ) as number[]
  return idle.length < 10 ? undefined : median(idle)
}

/** Interpolates gaps linearly; at the ends (except of `busyPercent`) repeats the nearest value. */
function bridged(values: RecordedValues): number[] {
  const filled: number[] = []
  let last: { readonly index: number; readonly value: number } | undefined
  for (const [index, value] of values.entries()) {
    if (value === null) continue
    for (let gap = last === undefined ? 0 : last.index + 1; gap < index; gap += 1) {
      const share = last === undefined ? 1 : (gap - last.index) / (index - last.index)
      filled[gap] = (last?.value ?? value) * (1 - share) + value * share
    }
    filled[index] = value
    last = { index, value }
  }
  for (let gap = last!.index + 1; gap < values.length; gap += 1) filled[gap] = last!.value
  return filled
}

/** Signals missing in the recording are missing in the replay. */
function gaps(values: RecordedValues, signal: SignalName, { startAt, stepMillis }: LoadRecording): Sight[] {
  const sights: Sight[] = []
  let from: number | undefined
  for (let index = 0; index <= values.length; index += 1) {
    const isMissing = index < values.length && values[index] === null
    if (isMissing) from ??= index
    else if (from !== undefined) {
      const at = (step: number): number => startAt + step * stepMillis
      sights.push({ from: at(from), until: at(index), signals: [signal], how: 'missing' })
      from = undefined
    }
  }
  return sights
}

function notesOf(busy: RecordedValues, { replicas }: LoadRecording): string[] {
  const share = (is: (index: number) => boolean): number =>
    busy.filter((_, index) => is(index)).length / busy.length
  const percent = (part: number): string => `${(part * 100).toFixed(part < 0.1 ? 1 : 0)} %`
  const full = share((index) => {
    const count = replicas[index] ?? 0
    return count > 0 && (busy[index] ?? 0) / 100 >= fullShare * count
  })
  const missing = share((index) => busy[index] === null)
  const notes: string[] = []
  if (full > fullWorthSaying)
    notes.push(
      `engines were full for ${percent(full)} of the time: rejected requests are not recorded, so the real demand may have been higher`,
    )
  if (missing > 0)
    notes.push(
      `the engine utilization is missing for ${percent(missing)} of the time: the load is interpolated linearly there, and scalers decide without it`,
    )
  if (replicas.every((count) => count === null))
    notes.push('the number of engines is not recorded: the replay starts with the minimum')
  return notes
}
