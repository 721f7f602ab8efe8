/** The library as a whole: its version, threads, random numbers and memory. */

import { fromBytes } from './create.ts'
import { failure } from './failure.ts'
import { native } from './native.ts'
import { Tensor } from './tensor.ts'

/** Loads libtorch now rather than at the first operator; throws what is missing and how to get it. */
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

export function libraryInfo(): LibraryInfo {
  const [version, path, cuda, blas] = native().info()
  return { version, path, cuda, blas }
}

/** Threads that one operator may use; for the whole process. */
export function setNumThreads(count: number): void {
  attempt('setNumThreads', [count], () => native().setNumThreads(count))
}

export function getNumThreads(): number {
  return native().getNumThreads()
}

/** Seeds every device's random numbers. The generator belongs to the process: worker threads share it. */
export function manualSeed(seed: number | bigint): void {
  attempt('manualSeed', [seed], () => native().manualSeed(seed))
}

/** The state of the CPU's random numbers, for `setRngState`. */
export function getRngState(): Uint8Array<ArrayBuffer> {
  const state = new Tensor(attempt('getRngState', [], () => native().getRngState()))
  const bytes = state.bytes()
  state.free()
  return bytes
}

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
 * Counting starts at the first call of this or of `resetPeakMemory`, with what this thread's tensors hold then; it makes
 * a small operator about a tenth of a microsecond slower.
 */
export function memory(): Memory {
  const [currentBytes, peakBytes, liveTensors] = native().memory()
  return { currentBytes, peakBytes, liveTensors }
}

export function resetPeakMemory(): void {
  native().resetPeakMemory()
}

/** The most bytes since its last call, whatever `resetPeakMemory` does: for one who looks at every part of a long run. */
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
