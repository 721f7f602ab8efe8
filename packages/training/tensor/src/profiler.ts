/** libtorch's profiler on this thread: operators, forward and backward, memory, and named ranges. */

import { writeFileSync } from 'node:fs'
import { messageOf } from '@hadal/base'
import { tensorProfilerRefused } from './errors.ts'
import { failure } from './failure.ts'
import { native } from './native.ts'
import { nvtx } from './nvtx.ts'

export interface ProfilerOptions {
  /** Every allocation, too. Default: false. */
  readonly memory?: boolean | undefined
  /** Shapes and dtypes of what operators were given. Default: true. */
  readonly shapes?: boolean | undefined
}

let profiling = false

/**
 * Whether this thread is being profiled.
 *
 * @internal
 */
export const isProfiling = (): boolean => profiling

/**
 * Whether ranges are recorded: by the profiler, or by an NVTX tool.
 *
 * @internal
 */
export const hearsRanges = (): boolean => profiling || nvtx.isLoaded

/**
 * Starts recording. Until `stopProfiler`, `memory()` and `takePeakMemory()` are frozen; afterwards they are as if it had not run.
 * Throws `tensor_profiler_refused` if it is on already, or if a memory limit is set, which needs the same allocation observer.
 *
 * @example
 * ```ts
 * import { startProfiler, stopProfiler, torch } from '@hadal/tensor'
 *
 * startProfiler({ memory: true })
 * torch.randn([64, 64]).matmul(torch.randn([64, 64]))
 * stopProfiler('trace.json') // a trace as Chrome's tracing reads it
 * ```
 */
export function startProfiler({ memory = false, shapes = true }: ProfilerOptions = {}): void {
  try {
    native().startProfiler(memory, shapes)
  } catch (thrown) {
    throw failure(thrown, 'startProfiler', '', [])
  }
  profiling = true
}

/**
 * Stops, and writes the recording to `path` as a Chrome trace; without a path it is discarded. Throws `tensor_profiler_refused` if
 * it is not on, or if the file cannot be written; the profiler is off then too.
 *
 * @example
 * ```ts
 * import { startProfiler, stopProfiler, torch } from '@hadal/tensor'
 *
 * startProfiler()
 * torch.randn([64, 64]).softmax(-1)
 * stopProfiler() // without a path the trace is thrown away
 * ```
 */
export function stopProfiler(path?: string): void {
  profiling = false
  let unwritable: unknown
  try {
    // libtorch would say on its own that it cannot, and go on.
    if (path !== undefined) writeFileSync(path, '')
  } catch (thrown) {
    unwritable = thrown
  }
  try {
    native().stopProfiler(unwritable === undefined ? (path ?? '') : '')
  } catch (thrown) {
    throw failure(thrown, 'stopProfiler', '', [path])
  }
  if (unwritable !== undefined) throw tensorProfilerRefused('stopProfiler', messageOf(unwritable))
}

/**
 * Runs `body` as a named range of the profiler and of NVTX, until its promise settles if it returns one. Without a recorder the
 * cost is one call. `name` may be a function, called only if recorded.
 *
 * @example
 * ```ts
 * import { recordRange, startProfiler, stopProfiler, torch } from '@hadal/tensor'
 *
 * startProfiler()
 * const y = recordRange('phase:forward', () => torch.randn([64, 64]).relu())
 * stopProfiler('trace.json')
 * ```
 */
export function recordRange<Result>(name: string | (() => string), body: () => Result): Result {
  if (!hearsRanges()) return body()
  const end = begin(typeof name === 'string' ? name : name())
  let result: Result
  try {
    result = body()
  } catch (thrown) {
    end()
    throw thrown
  }
  if (result instanceof Promise) return result.finally(end) as Result
  end()
  return result
}

let endStep: (() => void) | undefined

/**
 * Everything from here to the next mark is step `step`, as PyTorch's tools name it; undefined ends the last one.
 *
 * @example
 * ```ts
 * import { markStep, startProfiler, stopProfiler, torch } from '@hadal/tensor'
 *
 * startProfiler()
 * for (let step = 1; step <= 3; step += 1) {
 *   markStep(step) // what follows is of this step
 *   torch.randn([64, 64]).matmul(torch.randn([64, 64]))
 * }
 * markStep(undefined)
 * stopProfiler('trace.json')
 * ```
 */
export function markStep(step: number | undefined): void {
  endStep?.()
  endStep = undefined
  if (step === undefined || !hearsRanges()) return
  endStep = begin(`ProfilerStep#${step}`)
}

/** A range of both; what ends it. */
function begin(name: string): () => void {
  const range = profiling ? native().beginRange(name) : undefined
  nvtx.push(name)
  return () => {
    nvtx.pop()
    if (range !== undefined) native().endRange(range)
  }
}
