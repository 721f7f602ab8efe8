/** Compiles the operator, compares it with its reference, and times both alternately. */

import { checkOp, getNumThreads, libraryInfo, setNumThreads } from '@hadal/tensor'
import type { ClaimContext } from '../../claim.ts'
import { keepsFreed } from '../../keep-freed.ts'
import { moduleFor, type OperatorTiming, timeOperator } from './timings.ts'

export interface OperatorCheck {
  readonly what: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly detail: string
}

export interface CustomOperatorRaw {
  /** How the library came to be: compiled, or from the cache. */
  readonly build: string
  readonly threads: number
  /** Whether malloc kept freed memory for the next call. */
  readonly keepsFreed: boolean
  readonly checks: readonly OperatorCheck[]
  readonly timings: readonly OperatorTiming[]
}

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
  signal.throwIfAborted()
  const timings = await timeOperator({ mode, seed, hasGpu })
  return { build, threads: getNumThreads(), keepsFreed: keepsFreed(), checks: lines, timings }
}
