/** Reads a replay's load: a synthetic day by name, a file, or Prometheus. */

import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { messageOf, nearest, parseMillis } from '@hadal/base'
import {
  type DayName,
  type Deployment,
  dayShapes,
  type EnginePlan,
  type LoadRecording,
  readRecording,
} from '@hadal/fleet'
import type { Terminal } from '@hadal/output'
import { usage } from '@hadal/output'
import { scaleFileUnreadable } from './errors.ts'
import { recordRange } from './record-range.ts'
import type { ReplayRange } from './replay-range.ts'

export interface SourceFlags {
  readonly prometheus?: string
  readonly prometheusTokenFile?: string
  readonly requestTimeout: string
  readonly step?: string
  readonly save?: string
  readonly against?: readonly string[]
  readonly seed?: string
  readonly days?: string
  readonly peak?: string
}

export type Source = { readonly day: DayName } | { readonly recording: LoadRecording }

const command = 'hadal scale replay'

/** Throws `usage`, `invalid_unit`, `scale_file_unreadable`, `scale_recording_invalid`, and as `recordRange`. */
export async function readSource(
  range: ReplayRange,
  flags: SourceFlags,
  deployment: Deployment,
  engine: EnginePlan,
  terminal: Terminal,
): Promise<Source> {
  if (range.kind !== 'past' && flags.save !== undefined)
    throw usage('--save records Prometheus data, but this replay does not query Prometheus', command)
  if (range.kind === 'day') return { day: range.name }
  const made = (['days', 'peak', 'seed'] as const).filter((flag) => flags[flag] !== undefined)
  if (made.length > 0)
    throw usage(`${made.map((flag) => `--${flag}`).join(', ')}: only valid for built-in days`, command)
  if (range.kind === 'file') return { recording: await readFileOf(range.path, terminal) }
  const url = flags.prometheus ?? deployment.monitoring.prometheusUrl
  if (url === undefined) throw usage('no Prometheus URL is set; pass --prometheus', command)
  const recording = await recordRange(deployment, engine, {
    url: urlOf(url),
    tokenFile:
      flags.prometheusTokenFile === undefined
        ? undefined
        : resolve(terminal.folder, flags.prometheusTokenFile),
    timeoutMillis: timeoutOf(flags),
    signal: new AbortController().signal,
    ...range,
    stepMillis: boundedStep(flags, deployment, range.to - range.from),
    daysBefore: needsHistory(flags, deployment) ? daysBefore : 0,
  })
  return { recording }
}

/** As `hadal scale` looks back: four weeks, and what today is compared by. */
const daysBefore = 29

function timeoutOf({ requestTimeout }: SourceFlags): number {
  const millis = parseMillis(requestTimeout)
  if (!(millis >= 1 && millis <= 3_600_000)) throw usage('--request-timeout must be at most 1h', command)
  return millis
}

/** A saved recording may be replayed with forecasts later. */
const needsHistory = (flags: SourceFlags, deployment: Deployment): boolean =>
  flags.save !== undefined || forecasts(flags, deployment)

/** Whether one of those that are compared goes by what came on earlier days. */
export const forecasts = ({ against = [] }: SourceFlags, { scaling }: Deployment): boolean =>
  scaling.predict === 'history' || against.includes('hadal:history')

async function readFileOf(path: string, terminal: Terminal): Promise<LoadRecording> {
  const file = resolve(terminal.folder, path)
  const unreadable = (why: string): Error => scaleFileUnreadable(path, why)
  const found = await stat(file).catch((cause: unknown) => {
    const day = nearest(path, Object.keys(dayShapes))
    throw unreadable(`${messageOf(cause)}${day === undefined ? '' : `; did you mean ${day}?`}`)
  })
  // A pipe in its place would be waited for.
  if (!found.isFile()) throw unreadable('it must be a file')
  if (found.size > maxFileBytes) throw unreadable('it is larger than 256 MiB')
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw unreadable(messageOf(cause))
  })
  return readRecording(text, path)
}

const maxFileBytes = 256 * 1024 * 1024

/** A year of steps of 30 s: what a recording may have at most. */
const maxSteps = 1_100_000

/** In milliseconds. Throws `usage` and `invalid_unit`. */
export function boundedStep({ step }: SourceFlags, { scaling }: Deployment, lengthMillis: number): number {
  const millis = Math.round(
    step === undefined ? Math.max(1000, scaling.checkIntervalMillis) : parseMillis(step),
  )
  if (!(millis >= 1000 && millis <= 3_600_000)) throw usage('--step must be from 1s to 1h', command)
  if (lengthMillis / millis > maxSteps)
    throw usage(`the range has ${Math.round(lengthMillis / millis)} steps: use a longer --step`, command)
  return millis
}

function urlOf(text: string): string {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw usage(`--prometheus must be a URL such as http://127.0.0.1:9090, got ${text}`, command)
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw usage('--prometheus must be an http or https URL', command)
  return text
}
