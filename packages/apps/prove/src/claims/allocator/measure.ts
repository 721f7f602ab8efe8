/** Attempts that run out of memory, with and without maintenance, each in a separate process. */

import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isHadalError, programEntry } from '@hadal/base'
import { libraryInfo } from '@hadal/tensor'
import type { ClaimContext } from '../../claim.ts'
import { runProgram } from '../../run-program.ts'
import { type AttemptJob, type AttemptResult, noResult } from './attempt-job.ts'
import { prlimitPath } from './limit-growth.ts'

/** The same training by a plain loop and by the trainer, with room and under a limit. */
export interface LimitedTraining {
  readonly seed: number
  readonly limitMiB: number
  readonly plainWithRoom: AttemptResult
  readonly plainLimited: AttemptResult
  readonly trainerWithRoom: AttemptResult
  readonly trainerLimited: AttemptResult
}

export interface GpuAttempts {
  readonly naive: AttemptResult
  /** The cache emptied between the phases. */
  readonly emptied: AttemptResult
  /** Segments that grow: a setting of the allocator, without anything emptied. */
  readonly expandable: AttemptResult
}

export interface AllocatorRaw {
  /** Whether a process can be limited here. */
  readonly canLimit: boolean
  readonly steps: number
  readonly trainings: readonly LimitedTraining[]
  readonly heldFree: readonly AttemptResult[]
  /** null: no GPU, or a libtorch without CUDA. */
  readonly gpu: GpuAttempts | null
}

/** Ends between two activations of 64 MiB, so that JavaScript has room where libtorch has none any more. */
const limitMiB = 300
const steps = 2

export async function measureAllocator(context: ClaimContext): Promise<AllocatorRaw> {
  const { mode, seed, note } = context
  const seeds = Array.from({ length: mode === 'quick' ? 1 : 5 }, (_, index) => seed + index)
  const canLimit = process.platform === 'linux' && existsSync(prlimitPath)
  const trainings: LimitedTraining[] = []
  for (const each of canLimit ? seeds : []) {
    trainings.push(await limited(context, each))
    note(`seed ${each}: four trainings, two of them limited to ${limitMiB} MiB`)
  }
  const heldFree: AttemptResult[] = []
  for (const _ of seeds)
    heldFree.push(await attempt(context, { kind: 'held-free', tensors: mode === 'quick' ? 8000 : 32_000 }))
  note('small tensors freed, the allocator emptied')
  const gpu = libraryInfo().cuda ? await onGpu(context) : null
  return { canLimit, steps, trainings, heldFree, gpu }
}

async function limited(context: ClaimContext, seed: number): Promise<LimitedTraining> {
  const run = async (by: 'plain loop' | 'trainer', limit: number | null): Promise<AttemptResult> => {
    const folder = join(context.folder, `${by.replace(' ', '-')}-${seed}-${limit ?? 'free'}`)
    const result = await attempt(context, { kind: 'train', by, limitMiB: limit, seed, steps, folder })
    rmSync(folder, { recursive: true, force: true })
    return result
  }
  return {
    seed,
    limitMiB,
    plainWithRoom: await run('plain loop', null),
    plainLimited: await run('plain loop', limitMiB),
    trainerWithRoom: await run('trainer', null),
    trainerLimited: await run('trainer', limitMiB),
  }
}

async function onGpu(context: ClaimContext): Promise<GpuAttempts> {
  const run = (maintenance: boolean, settings = 'expandable_segments:False'): Promise<AttemptResult> =>
    attempt(context, { kind: 'gpu', maintenance }, { PYTORCH_CUDA_ALLOC_CONF: settings })
  const attempts = {
    naive: await run(false),
    emptied: await run(true),
    expandable: await run(false, 'expandable_segments:True'),
  }
  context.note('on the GPU: as it is, emptied between phases, with segments that grow')
  return attempts
}

async function attempt(
  { signal }: ClaimContext,
  job: AttemptJob,
  env: Readonly<Record<string, string>> = {},
): Promise<AttemptResult> {
  const { path, execArgv } = programEntry(import.meta.url, './attempt')
  const command = [process.execPath, '--v8-pool-size=0', ...execArgv, path, JSON.stringify(job)]
  // malloc arenas take address space, which is what is limited, not memory.
  const threads = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MALLOC_ARENA_MAX: '1' }
  try {
    const { stdout } = await runProgram(command, { signal, env: { ...threads, ...env } })
    return JSON.parse(stdout) as AttemptResult
  } catch (thrown) {
    if (!isHadalError(thrown) || signal.aborted) throw thrown
    // It may have ended for want of memory before it could say so.
    return { ...noResult, failure: thrown.code, message: thrown.message }
  }
}
