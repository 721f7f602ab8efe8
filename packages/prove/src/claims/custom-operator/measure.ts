/** The operator compiled, compared with its reference, and timed beside it in turns. Knows nothing about verdicts. */

import { programEntry } from '@hadal/base'
import { checkOp, libraryInfo, setNumThreads } from '@hadal/tensor'
import type { ClaimContext } from '../../claim.ts'
import { runProgram } from '../../run-program.ts'
import { moduleFor, type OperatorTiming, type TimeJob } from './timings.ts'

export interface OperatorCheck {
  readonly what: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly detail: string
}

export interface CustomOperatorRaw {
  /** How the library came to be: compiled, or from the cache. */
  readonly build: string
  readonly threads: number
  /** Whether malloc kept what was freed for the next call. */
  readonly keepsFreed: boolean
  readonly checks: readonly OperatorCheck[]
  readonly timings: readonly OperatorTiming[]
}

/**
 * glibc gives large blocks back to the system, which clears them anew for each call: the composed operators, with their results in
 * between, would be timed by that above all.
 */
const keepFreed = { MALLOC_MMAP_THRESHOLD_: '4000000000', MALLOC_TRIM_THRESHOLD_: '8000000000' }

export async function measureOperator({
  mode,
  seed,
  note,
  signal,
}: ClaimContext): Promise<CustomOperatorRaw> {
  setNumThreads(1)
  const { cuda: hasGpu } = libraryInfo()
  const { build, lines } = await checkOp(moduleFor({ mode, hasGpu }), { seed })
  note(
    `${build}; ${lines.filter(({ outcome }) => outcome === 'passed').length} of ${lines.length} checks passed`,
  )
  const { path, execArgv } = programEntry(import.meta.url, './time')
  const job: TimeJob = { mode, seed, hasGpu }
  const command = [process.execPath, ...execArgv, path, JSON.stringify(job)]
  const { stdout } = await runProgram(command, { signal, env: keepFreed })
  const timings = JSON.parse(stdout) as OperatorTiming[]
  return { build, threads: 1, keepsFreed: process.platform === 'linux', checks: lines, timings }
}
