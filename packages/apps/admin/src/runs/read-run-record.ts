/** Reads a run's record. Missing or malformed fields are omitted, because the file is untrusted. */

import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isPlainObject } from '@hadal/base'
import type { RunState } from '@hadal/protocol'
import { type RunFile, runFileName, runHolder } from '@hadal/train/record'
import { type FoundRun, metricsFileName } from './find-runs.ts'
import { readRunText } from './open-run-file.ts'

export interface RunRecord {
  readonly file: Partial<RunFile>
  readonly state: RunState
  /** Milliseconds since 1970. */
  readonly changedAt: number
}

/** A record with the configuration of a large model has some tens of KiB. */
const maxBytes = 4 * 1024 * 1024

export async function readRunRecord({ folder, path }: FoundRun): Promise<RunRecord> {
  const [file, changedAt] = await Promise.all([readRunFile(folder), changeOf(folder)])
  const isRunning = runHolder(folder) !== undefined
  return {
    file: { ...file, name: file.name ?? path.split('/').at(-1)! },
    state: isRunning ? 'running' : (file.end?.state ?? (file.version === undefined ? 'ended' : 'died')),
    changedAt,
  }
}

async function readRunFile(folder: string): Promise<Partial<RunFile>> {
  try {
    const text = await readRunText(join(folder, runFileName), maxBytes)
    return text === undefined ? {} : soundParts(JSON.parse(text))
  } catch {
    return {}
  }
}

const numbers = [
  'startedAt',
  'resumedAt',
  'starts',
  'parameters',
  'activatedParameters',
  'flopsPerToken',
  'peakFlops',
  'ranks',
  'totalSteps',
  'epsilonBudget',
] as const
const texts = ['name', 'unit', 'fingerprint'] as const
const endStates: ReadonlySet<unknown> = new Set(['finished', 'stopped', 'interrupted', 'failed'])

function soundParts(given: unknown): Partial<RunFile> {
  if (!isPlainObject(given) || given.version !== 1) return {}
  const sound: Record<string, unknown> = { version: 1 }
  for (const name of numbers) if (isNumber(given[name])) sound[name] = given[name]
  for (const name of texts) if (typeof given[name] === 'string') sound[name] = given[name].slice(0, 200)
  if (isPlainObject(given.config)) sound.config = given.config
  if (Array.isArray(given.rates))
    sound.rates = given.rates
      .filter(
        (rate: unknown) => isPlainObject(rate) && typeof rate.name === 'string' && isNumber(rate.factor),
      )
      .slice(0, 200)
  const end = soundEnd(given.end)
  return { ...sound, ...(end && { end }) }
}

function soundEnd(given: unknown): RunFile['end'] {
  if (!isPlainObject(given) || !endStates.has(given.state) || !isNumber(given.step) || !isNumber(given.at))
    return undefined
  const said = Object.fromEntries(
    ['reason', 'code', 'help'].flatMap((name) =>
      typeof given[name] === 'string' ? [[name, given[name].slice(0, 4000)]] : [],
    ),
  )
  return { state: given.state as 'finished', step: given.step, at: given.at, ...said }
}

const isNumber = (given: unknown): given is number => typeof given === 'number' && Number.isFinite(given)

/** When a number was written last; of a run without any, when its folder changed. */
async function changeOf(folder: string): Promise<number> {
  for (const path of [join(folder, metricsFileName), join(folder, runFileName), folder]) {
    const found = await stat(path).catch(() => undefined)
    if (found !== undefined) return Math.round(found.mtimeMs)
  }
  return 0
}
