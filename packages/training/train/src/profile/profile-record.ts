/** Writes a profile to a folder: `trace.json.gz`, `profile.json`, `profile.html`; each rank but the first only its trace and summary. */

import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import {
  type Advice,
  advice,
  type Facts,
  flamePage,
  type OwnedMemory,
  readChromeTrace,
  summarizeTrace,
  type Trace,
  type TraceSummary,
  writeChromeTrace,
} from '@hadal/profiling'
import { getNumThreads, libraryInfo } from '@hadal/tensor'
import { kindOf } from '../kinds/kind-of.ts'
import type { StepMemory } from '../memory/step-memory.ts'
import { measurePeakFlops } from '../peak-flops.ts'
import type { Run } from '../run.ts'
import { utilization } from '../utilization.ts'

/** The loop's data on the recorded steps. */
export interface Recorded {
  readonly first: number
  /** Tokens of each step. */
  readonly tokens: readonly number[]
  readonly memory: StepMemory | undefined
  /** Memory held before the first of them. */
  readonly restingBytes: number
  readonly peakBytes: number
  readonly withMemory: boolean
  readonly rank: number
  readonly ranks: number
}

/**
 * The content of `profile.json`.
 *
 * @internal
 */
export interface ProfileRecord {
  readonly version: 1
  readonly facts: Facts
  readonly summary: TraceSummary
  readonly advice: readonly Advice[]
}

export interface WrittenProfile {
  readonly page: string
  readonly sentences: readonly string[]
  readonly last: number
}

/** Writes libtorch's recording. Throws what writing throws. */
export function writeProfile(
  folder: string,
  run: Run,
  recording: Uint8Array,
  recorded: Recorded,
): WrittenProfile {
  const { rank, withMemory, first, tokens } = recorded
  const read = readChromeTrace(recording)
  const trace: Trace = {
    ...read,
    spans: withMemory ? read.spans : read.spans.filter(({ category }) => category !== 'memory'),
    ...(run.privacy && { notes: [...(read.notes ?? []), privateNote] }),
  }
  const summary = summarizeTrace(trace)
  const last = first + tokens.length - 1
  const facts = factsOf(run, recorded, summary, last)
  const found = advice(summary, facts)
  const of = rank === 0 ? '' : `.rank${rank}`
  writeFileSync(join(folder, `trace${of}.json.gz`), gzipSync(writeChromeTrace(trace), { level: 3 }))
  const record: ProfileRecord = { version: 1, facts, summary, advice: found }
  writeFileSync(join(folder, `profile${of}.json`), `${JSON.stringify(record, null, 1)}\n`)
  const page = join(folder, `profile${of}.html`)
  writeFileSync(page, flamePage({ title: facts.title!, trace, summary, advice: found, facts }))
  return { page, sentences: found.slice(0, 3).map(({ sentence }) => sentence), last }
}

function factsOf(run: Run, recorded: Recorded, summary: TraceSummary, last: number): Facts {
  const { first, memory, rank, ranks } = recorded
  const kind = kindOf(run.model)
  const tokens = recorded.tokens.reduce((sum, each) => sum + each, 0)
  const seconds = summary.totalMicros / 1e6
  const peakFlops = ranks * measurePeakFlops(run.precision)
  const used = utilization(seconds > 0 ? tokens / seconds : undefined, {
    flopsPerToken: kind.flopsPerUnit(run),
    peakFlops,
  })
  const { version, blas } = libraryInfo()
  const ofRank = ranks > 1 ? `, rank ${rank} of ${ranks}` : ''
  return {
    title: `${run.name}, ${first === last ? `step ${first}` : `steps ${first} to ${last}`}${ofRank}`,
    about: {
      precision: run.precision,
      threads: String(getNumThreads()),
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      libtorch: `${version} (${blas})`,
    },
    perStep: { count: Math.round(tokens / Math.max(1, recorded.tokens.length)), unit: kind.unit },
    ...(used !== undefined && { utilization: used }),
    peakFlops,
    ...(memory && { memory: owned(memory, recorded) }),
  }
}

/** The step memory watch is off while the profiler is on: it provides owners, and the profiler provides the peak. */
function owned(memory: StepMemory, { restingBytes, peakBytes }: Recorded): OwnedMemory {
  const { gradients, optimizer, average } = memory
  const weights = Math.max(0, restingBytes - optimizer - average)
  const activations = Math.max(0, peakBytes - weights - optimizer - average - gradients)
  return { peakBytes, weights, gradients, optimizer, average, activations }
}

const privateNote =
  'its tensor shapes reveal how many rows each step drew: the privacy guarantee does not cover the profile'
