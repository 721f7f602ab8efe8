/** Parses a saved capture as untrusted input. */

import { isPlainObject, messageOf } from '@hadal/base'
import type { Capture, RawReading } from './capture.ts'
import { doctorCaptureInvalid } from './errors.ts'

const kindsOfFailure = ['absent', 'refused', 'timed-out', 'exited', 'unreadable'] as const

/**
 * Readings of an unknown form are left out, as if they had not been read. Throws `doctor_capture_invalid`.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs'
 * import { allChecks, parseCapture, runChecks } from '@hadal/doctor'
 *
 * const capture = parseCapture(readFileSync('capture.json', 'utf8'), 'capture.json') // of hadal doctor --save
 * for (const { severity, title } of runChecks(allChecks, capture).findings) console.log(severity, title)
 * ```
 */
export function parseCapture(text: string, name: string): Capture {
  let given: unknown
  try {
    given = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (thrown) {
    throw doctorCaptureInvalid(name, `it is not valid JSON (${messageOf(thrown)})`).with({ cause: thrown })
  }
  if (!isPlainObject(given)) throw doctorCaptureInvalid(name, 'it must be a JSON object')
  const { version, takenAt, readings } = given
  if (version !== 1)
    throw doctorCaptureInvalid(
      name,
      `its version is ${JSON.stringify(version) ?? 'missing'}, but only version 1 is supported`,
    )
  if (typeof takenAt !== 'number' || !(Math.abs(takenAt) <= latestDate))
    throw doctorCaptureInvalid(name, 'it has no time of capture')
  if (!isPlainObject(readings)) throw doctorCaptureInvalid(name, 'it has no readings')
  const known = Object.entries(readings).flatMap(([source, reading]) => {
    const read = readingOf(reading)
    return read === undefined ? [] : [[source, read] as const]
  })
  return { version: 1, takenAt, readings: Object.fromEntries(known) }
}

/** Maximum date in JavaScript. */
const latestDate = 8.64e15

function readingOf(given: unknown): RawReading | undefined {
  if (!isPlainObject(given)) return undefined
  const { text, isCut, failed, detail } = given
  if (failed === undefined)
    return typeof text === 'string' ? { text, ...(isCut === true && { isCut }) } : undefined
  const kind = kindsOfFailure.find((each) => each === failed)
  if (kind === undefined) return undefined
  return {
    failed: kind,
    detail: typeof detail === 'string' ? detail : kind,
    ...(typeof text === 'string' && { text }),
  }
}
