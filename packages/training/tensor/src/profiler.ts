/**
 * What this thread does, as libtorch's profiler records it: operators, forward and back, memory, and ranges with names. Knows nothing
 * about what is read out of a trace.
 */

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
 * Whether anybody hears of ranges: the profiler, or a tool that watches this process through NVTX.
 *
 * @internal
 */
export const hearsRanges = (): boolean => profiling || nvtx.isLoaded

/**
 * Begins to record. Until `stopProfiler`, `memory()` and `takePeakMemory()` stand still; after it they are what they would be without.
 * Throws `tensor_profiler_refused` where it is on already, or a memory limit is set: the profiler would take its place.
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
 * Ends, and writes what was recorded to `path` as a Chrome trace; without a path it is thrown away. Throws `tensor_profiler_refused`
 * where none is on, or the file cannot be written; the profiler is off then, too.
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
 * Runs `body` as a range of that name, of the profiler and of NVTX, until its promise settles where it returns one. Where nobody
 * listens it costs a call. `name` may be a function, called only where somebody does.
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
