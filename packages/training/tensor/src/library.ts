/** The library as a whole: its version, threads, random numbers and memory. */

import { fromBytes } from './create.ts'
import { failure } from './failure.ts'
import { native } from './native.ts'
import { Tensor } from './tensor.ts'

/**
 * Loads libtorch now rather than at the first operator; throws an error that names missing packages and how to install them.
 *
 * @example
 * ```ts
 * import { load } from '@hadal/tensor'
 * import { HadalError } from '@hadal/base'
 *
 * try {
 *   load() // otherwise the first operator does
 * } catch (error) {
 *   console.error((error as HadalError).help) // how to install libtorch here
 * }
 * ```
 */
export function load(): void {
  native()
}

export interface LibraryInfo {
  readonly version: string
  /** The library file that was loaded. */
  readonly path: string
  readonly cuda: boolean
  /** Which linear algebra library does the matrix products. */
  readonly blas: string
}

/**
 * The libtorch that was loaded.
 *
 * @example
 * ```ts
 * import { libraryInfo } from '@hadal/tensor'
 *
 * const { version, path, cuda, blas } = libraryInfo()
 * console.log(version, path, cuda ? 'with CUDA' : 'CPU only', blas)
 * ```
 */
export function libraryInfo(): LibraryInfo {
  const [version, path, cuda, blas] = native().info()
  return { version, path, cuda, blas }
}

/**
 * Threads that one operator may use; for the whole process.
 *
 * @example
 * ```ts
 * import { setNumThreads } from '@hadal/tensor'
 *
 * setNumThreads(1) // for the whole process
 * ```
 */
export function setNumThreads(count: number): void {
  attempt('setNumThreads', [count], () => native().setNumThreads(count))
}

/**
 * Threads of one operator.
 *
 * @example
 * ```ts
 * import { getNumThreads, setNumThreads } from '@hadal/tensor'
 *
 * setNumThreads(2)
 * getNumThreads() // → 2
 * ```
 */
export function getNumThreads(): number {
  return native().getNumThreads()
}

/**
 * Seeds every device's random numbers. The generator belongs to the process: worker threads share it.
 *
 * @example
 * ```ts
 * import { manualSeed, torch } from '@hadal/tensor'
 *
 * manualSeed(1)
 * const a = torch.randn([2]).toArray()
 * manualSeed(1)
 * torch.randn([2]).toArray().toString() === a.toString() // → true
 * ```
 */
export function manualSeed(seed: number | bigint): void {
  attempt('manualSeed', [seed], () => native().manualSeed(seed))
}

/**
 * The state of the CPU's random numbers, for `setRngState`.
 *
 * @example
 * ```ts
 * import { getRngState, setRngState, torch } from '@hadal/tensor'
 *
 * const before = getRngState()
 * const drawn = torch.randn([2]).toArray()
 * setRngState(before)
 * torch.randn([2]).toArray().toString() === drawn.toString() // → true
 * ```
 */
export function getRngState(): Uint8Array<ArrayBuffer> {
  const state = new Tensor(attempt('getRngState', [], () => native().getRngState()))
  const bytes = state.bytes()
  state.free()
  return bytes
}

/**
 * Restores a state from `getRngState`.
 *
 * @example
 * ```ts
 * import { getRngState, setRngState, torch } from '@hadal/tensor'
 *
 * const state = getRngState()
 * const drawn = torch.rand([1]).item()
 * setRngState(state)
 * torch.rand([1]).item() === drawn // → true
 * ```
 */
export function setRngState(bytes: Uint8Array): void {
  const state = fromBytes(bytes, 'uint8', [bytes.length])
  try {
    attempt('setRngState', [bytes], () => native().setRngState(state.handle))
  } finally {
    state.free()
  }
}

export interface Memory {
  /** Bytes that libtorch holds now. */
  readonly currentBytes: number
  /** The most it held since the first call of `memory` or the last of `resetPeakMemory`. */
  readonly peakBytes: number
  /** Tensors alive on this thread. */
  readonly liveTensors: number
}

/**
 * Counting starts at the first call of this or of `resetPeakMemory`, including this thread's existing tensors; it makes a small
 * operator about a tenth of a microsecond slower.
 *
 * @example
 * ```ts
 * import { memory, torch } from '@hadal/tensor'
 *
 * const before = memory().currentBytes
 * const x = torch.ones([1_000]) // 4 bytes each
 * memory().currentBytes - before >= 4_000 // → true
 * ```
 */
export function memory(): Memory {
  const [currentBytes, peakBytes, liveTensors] = native().memory()
  return { currentBytes, peakBytes, liveTensors }
}

/**
 * `memory().peakBytes` counts from now on.
 *
 * @example
 * ```ts
 * import { memory, resetPeakMemory, torch } from '@hadal/tensor'
 *
 * resetPeakMemory()
 * torch.ones([1_000]).free()
 * memory().peakBytes >= 4_000 // → true
 * ```
 */
export function resetPeakMemory(): void {
  native().resetPeakMemory()
}

/**
 * Peak bytes since its last call, independent of `resetPeakMemory`: for measuring consecutive parts of a long run.
 *
 * @example
 * ```ts
 * import { takePeakMemory, torch } from '@hadal/tensor'
 *
 * takePeakMemory() // starts anew
 * torch.ones([1_000]).free()
 * takePeakMemory() >= 4_000 // → true
 * ```
 */
export function takePeakMemory(): number {
  return native().takePeakMemory()
}

function attempt<Result>(what: string, args: readonly unknown[], body: () => Result): Result {
  try {
    return body()
  } catch (thrown) {
    throw failure(thrown, what, '', args)
  }
}
