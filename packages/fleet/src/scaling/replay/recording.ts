/** Load as it was recorded: what `hadal scale` asks, at equal steps over a range. What is read is checked, since files are written by many. */

import { messageOf } from '@hadal/base'
import { scaleRecordingInvalid } from './errors.ts'

export interface LoadRecording {
  readonly format: typeof recordingFormat
  readonly title: string
  readonly model: string
  /** Of the first step, in milliseconds of the epoch. */
  readonly startAt: number
  readonly stepMillis: number
  /** One value a step; null where there was none. */
  readonly busyPercent: RecordedValues
  readonly backlog: RecordedValues
  readonly demand: RecordedValues
  readonly latencyP99Millis: RecordedValues
  /** Engines that were watched. */
  readonly replicas: RecordedValues
  /** `busyPercent` of days before, for forecasts. */
  readonly before?: {
    readonly startAt: number
    readonly stepMillis: number
    readonly busyPercent: RecordedValues
  }
}

export type RecordedValues = readonly (number | null)[]

export const recordingFormat = 'hadal-load-recording/1'

/** Two years of a step a minute; more is a mistake. */
const mostSteps = 1_100_000
const columnNames = ['busyPercent', 'backlog', 'demand', 'latencyP99Millis', 'replicas'] as const

/** `name` is for the error. Throws `scale_recording_invalid`. */
export function readRecording(text: string, name: string): LoadRecording {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch (cause) {
    throw scaleRecordingInvalid(name, messageOf(cause)).with({ cause })
  }
  const fault = recordingFault(read)
  if (fault !== undefined) throw scaleRecordingInvalid(name, fault)
  return read as LoadRecording
}

function recordingFault(read: unknown): string | undefined {
  if (!isRecord(read)) return 'it is no JSON object'
  if (read.format !== recordingFormat) return `format is not ${JSON.stringify(recordingFormat)}`
  if (typeof read.title !== 'string') return 'title is no text'
  if (typeof read.model !== 'string') return 'model is no text'
  const { busyPercent, before } = read
  const clock = clockFault(read)
  if (clock !== undefined) return clock
  if (!Array.isArray(busyPercent) || busyPercent.length < 2) return 'busyPercent has fewer than two values'
  if (busyPercent.length > mostSteps) return `it has more than ${mostSteps} steps`
  for (const column of columnNames) {
    const fault = columnFault(read[column], busyPercent.length)
    if (fault !== undefined) return `${column} ${fault}`
  }
  if (before === undefined) return undefined
  if (!isRecord(before) || !Array.isArray(before.busyPercent)) return 'before has no busyPercent'
  if (before.busyPercent.length > mostSteps) return `before has more than ${mostSteps} steps`
  const fault = clockFault(before) ?? columnFault(before.busyPercent, before.busyPercent.length)
  return fault === undefined ? undefined : `before: ${fault}`
}

function clockFault({ startAt, stepMillis }: Record<string, unknown>): string | undefined {
  if (!(Number.isSafeInteger(startAt) && Math.abs(startAt as number) <= 8.64e15 / 2))
    return 'startAt is no time in milliseconds'
  // Steps of a day say nothing of what a scaler does.
  if (
    !(
      Number.isSafeInteger(stepMillis) &&
      (stepMillis as number) >= 100 &&
      (stepMillis as number) <= 86_400_000
    )
  )
    return 'stepMillis is not between 100 ms and a day'
  return undefined
}

function columnFault(values: unknown, length: number): string | undefined {
  if (!Array.isArray(values)) return 'is no list'
  if (values.length !== length) return `has ${values.length} values and busyPercent ${length}`
  const at = values.findIndex(
    (value) => !(value === null || (typeof value === 'number' && value >= 0 && value <= 1e15)),
  )
  return at === -1 ? undefined : `has ${JSON.stringify(values[at])} at ${at}`
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
