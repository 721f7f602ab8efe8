/**
 * Records a run's description and events in its folder, for readers during and after training; subscribes to the run's events.
 * Steps and evaluations are in `metrics.jsonl`. Has no effect on training.
 */

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type Clock, isHadalError, messageOf, systemClock } from '@hadal/base'
import type { StartedEvent, TrainEvent, TrainLog } from '../events.ts'
import { LogFile } from '../log-file.ts'
import type { Run } from '../run.ts'
import { rateGroups } from './rate-groups.ts'
import { type RunEnd, type RunFile, type RunNote, runFileName, runNotesName } from './run-file.ts'

export interface RunJournal {
  readonly listener: TrainLog
  /** The run ended by throwing this. */
  failed(thrown: unknown): void
}

export interface RunJournalOptions {
  /** Operations a second that all ranks together could do. */
  readonly peakFlops?: number
  readonly clock?: Clock
}

/** Omit that keeps the members of a union apart. */
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/**
 * Writes `run.json` and `events.jsonl` into the folder of `run`, which is there when its events begin.
 *
 * @internal
 */
export function runJournal(run: Run, { peakFlops, clock = systemClock }: RunJournalOptions = {}): RunJournal {
  const path = join(run.folder, runFileName)
  const notes = new LogFile(join(run.folder, runNotesName))
  let file: RunFile | undefined
  let step = 0
  const note = (said: Without<RunNote, 'at'>): void =>
    notes.append(`${JSON.stringify({ at: clock.wallClock(), ...said })}\n`)
  const end = (how: Omit<RunEnd, 'at'>): void => {
    if (!file) return
    note({ type: 'ended', ...how })
    file = { ...file, end: { ...how, at: clock.wallClock() } }
    write(path, file)
  }
  return {
    listener(event) {
      if ('step' in event) step = event.step
      if (event.type === 'started') {
        file = fileOf(run, event, { before: readRunFile(path), at: clock.wallClock(), peakFlops })
        write(path, file)
        note({ type: 'started', step: event.step })
      } else if (event.type === 'finished' || event.type === 'stopped' || event.type === 'interrupted') {
        const reason = event.type === 'stopped' ? { reason: event.reason } : {}
        end({ state: event.type, step: event.step, ...reason })
      } else {
        const said = noteOf(event, run.folder)
        if (said) note(said)
      }
    },
    failed(thrown) {
      const known = isHadalError(thrown)
        ? { code: thrown.code, ...(thrown.help && { help: thrown.help }) }
        : {}
      end({ state: 'failed', step, reason: messageOf(thrown), ...known })
    },
  }
}

function noteOf(event: TrainEvent, folder: string): Without<RunNote, 'at'> | undefined {
  switch (event.type) {
    case 'sampled':
    case 'warning':
      return event
    case 'decision':
      return { type: 'decision', step: event.step }
    case 'checkpoint':
      return {
        type: 'checkpoint',
        step: event.step,
        file: relative(folder, event.path),
        seconds: event.seconds,
      }
    case 'best':
      return { type: 'best', step: event.step, file: relative(folder, event.path), loss: event.loss }
    case 'split':
      return { type: 'split', step: event.step, message: `a pass is read in ${event.parts} parts` }
    case 'profiled':
      return { type: 'profiled', step: event.last, advice: event.advice }
    default:
      return undefined
  }
}

interface Start {
  readonly before: RunFile | undefined
  readonly at: number
  readonly peakFlops: number | undefined
}

function fileOf(run: Run, event: StartedEvent, { before, at, peakFlops }: Start): RunFile {
  const { name, parameters, activatedParameters, unit, flopsPerToken, totalSteps, ranks = 1 } = event
  const { data: _, startFrom: __, fingerprint, heldOutFingerprint: ___, ...config } = run
  // A folder that was emptied and restarted holds a different run.
  const isSame = before?.fingerprint === fingerprint && event.step > 0
  return {
    version: 1,
    name,
    startedAt: isSame ? before.startedAt : at,
    resumedAt: at,
    starts: isSame ? before.starts + 1 : 1,
    parameters,
    activatedParameters,
    unit,
    flopsPerToken,
    ...(peakFlops !== undefined && { peakFlops }),
    ranks,
    totalSteps,
    rates: rateGroups(run),
    ...(run.privacy?.epsilon !== undefined && { epsilonBudget: run.privacy.epsilon }),
    fingerprint,
    config: JSON.parse(JSON.stringify(config)) as Readonly<Record<string, unknown>>,
  }
}

function readRunFile(path: string): RunFile | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RunFile
  } catch {
    return undefined
  }
}

/** Whole or not at all; a disk that is full costs the record, not the run. */
function write(path: string, file: RunFile): void {
  const draft = `${path}.partial`
  try {
    writeFileSync(draft, `${JSON.stringify(file, null, 1)}\n`)
    renameSync(draft, path)
  } catch {
    rmSync(draft, { force: true })
  }
}
