/** Recorded load: the inputs of `hadal scale`, at equal steps over a range. Files are validated, since many tools write them. */

import { isPlainObject, messageOf } from '@hadal/base'
import { scaleRecordingInvalid } from './errors.ts'

export interface LoadRecording {
  readonly format: typeof recordingFormat
  readonly title: string
  readonly model: string
  /** Time of the first step, in epoch milliseconds. */
  readonly startAt: number
  readonly stepMillis: number
  /** One value per step; null if missing. */
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

/** @internal */
export const recordingFormat = 'hadal-load-recording/1'

/** A year of steps of 30 s; more is a mistake. */
const maxSteps = 1_100_000
/** No fleet has a million engines, and no title a thousand characters. */
const maxEngines = 1e6
const longestName = 200
/** Years of four digits, 0 to 9999: other times are written otherwise. */
const [earliest, latest] = [-62_167_219_200_000, 253_402_300_799_999]
/** More of anything is no measurement. */
const maxRecorded = 1e9
const columnNames = ['busyPercent', 'backlog', 'demand', 'latencyP99Millis', 'replicas'] as const

/**
 * `name` is for the error. Throws `scale_recording_invalid`.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs'
 * import { readRecording } from '@hadal/fleet'
 *
 * const recording = readRecording(readFileSync('monday.json', 'utf8'), 'monday.json') // of hadal scale record
 * console.log(recording.model, recording.busyPercent.length)
 * ```
 */
export function readRecording(text: string, name: string): LoadRecording {
  let read: unknown
  try {
    // Some editors write a mark of the byte order.
    read = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    // It quotes the text.
    throw scaleRecordingInvalid(name, shownName(messageOf(cause)))
  }
  const issue = recordingIssue(read)
  if (issue !== undefined) throw scaleRecordingInvalid(name, issue)
  const { title, model, ...rest } = read as LoadRecording
  return { ...rest, title: shownName(title), model: shownName(model) }
}

/** It is printed: nothing in it moves a terminal's cursor or turns the direction of writing. */
const shownName = (text: string): string => text.slice(0, longestName).replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, '')

function recordingIssue(read: unknown): string | undefined {
  if (!isPlainObject(read)) return 'it must be a JSON object'
  if (read.format !== recordingFormat) return `format must be ${JSON.stringify(recordingFormat)}`
  if (typeof read.title !== 'string') return 'title must be a string'
  if (typeof read.model !== 'string') return 'model must be a string'
  const { busyPercent, before } = read
  const clock = clockIssue(read)
  if (clock !== undefined) return clock
  if (!Array.isArray(busyPercent) || busyPercent.length < 2)
    return 'busyPercent must have at least two values'
  if (busyPercent.length > maxSteps) return `it must have at most ${maxSteps} steps`
  for (const column of columnNames) {
    const most = column === 'replicas' ? maxEngines : maxRecorded
    const issue = columnIssue(read[column], busyPercent.length, most)
    if (issue !== undefined) return `${column} ${issue}`
  }
  if (before === undefined) return undefined
  if (!isPlainObject(before) || !Array.isArray(before.busyPercent)) return 'before must have busyPercent'
  if (before.busyPercent.length > maxSteps) return `before must have at most ${maxSteps} steps`
  const issue = clockIssue(before) ?? columnIssue(before.busyPercent, before.busyPercent.length, maxRecorded)
  return issue === undefined ? undefined : `before: ${issue}`
}

function clockIssue({ startAt, stepMillis }: Record<string, unknown>): string | undefined {
  if (!(Number.isSafeInteger(startAt) && (startAt as number) >= earliest && (startAt as number) <= latest))
    return 'startAt must be a time in milliseconds'
  // Longer ones say nothing of what a scaler does.
  if (
    !(
      Number.isSafeInteger(stepMillis) &&
      (stepMillis as number) >= 100 &&
      (stepMillis as number) <= 3_600_000
    )
  )
    return 'stepMillis must be between 100 ms and an hour'
  return undefined
}

function columnIssue(values: unknown, length: number, most: number): string | undefined {
  if (!Array.isArray(values)) return 'must be a list'
  if (values.length !== length) return `has ${values.length} values, but busyPercent has ${length}`
  const at = values.findIndex(
    (value) => !(value === null || (typeof value === 'number' && value >= 0 && value <= most)),
  )
  return at === -1 ? undefined : `has the invalid value ${JSON.stringify(values[at])} at index ${at}`
}
