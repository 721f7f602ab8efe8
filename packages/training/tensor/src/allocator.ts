/** Allocator-level memory: its state, a limit, and trimming. */

import { readFileSync } from 'node:fs'
import { getHeapStatistics } from 'node:v8'
import { failure } from './failure.ts'
import { native } from './native.ts'

export interface AllocatorState {
  /** Handed out: on the CPU by malloc, for tensors and all else in the process but JavaScript's heap. */
  readonly inUseBytes: number
  /** Freed, but kept from the system for later allocations. */
  readonly freeBytes: number
}

/**
 * Over the CPU and the GPUs. glibc does not report which of its free pages it has already returned: the count is capped by the
 * process's resident memory minus JavaScript's heap. Zeros on the CPU with another C library; an allocator preloaded in front of
 * glibc's is not seen.
 *
 * @example
 * ```ts
 * import { allocatorState } from '@hadal/tensor'
 *
 * const { inUseBytes, freeBytes } = allocatorState() // what libtorch's allocator holds, used and free
 * freeBytes >= 0 && inUseBytes >= 0 // → true
 * ```
 */
export function allocatorState(): AllocatorState {
  const [inUse, free, gpuInUse, gpuFree] = native().allocatorState()
  const resident = Math.max(0, ownResidentBytes() - getHeapStatistics().total_heap_size - inUse)
  return { inUseBytes: inUse + gpuInUse, freeBytes: Math.min(free, resident) + gpuFree }
}

/**
 * Returns free allocator memory to the system; tensors stay. Takes a few milliseconds per gibibyte.
 *
 * @example
 * ```ts
 * import { emptyCache } from '@hadal/tensor'
 *
 * emptyCache() // returns unused memory that libtorch holds
 * ```
 */
export function emptyCache(): void {
  native().emptyCache()
}

/**
 * Limits the total memory of CPU tensors to `bytes` from now on: exceeding it throws `tensor_out_of_memory`. Enables counting, like
 * `memory`. undefined removes the limit. Process-wide. Returns the previous limit, for restoring it.
 *
 * @example
 * ```ts
 * import { setMemoryLimit } from '@hadal/tensor'
 *
 * const before = setMemoryLimit(2 ** 30) // more than 1 GiB is refused: tensor_out_of_memory
 * setMemoryLimit(before)
 * ```
 */
export function setMemoryLimit(bytes: number | undefined): number | undefined {
  try {
    return native().setMemoryLimit(bytes ?? 0) || undefined
  } catch (thrown) {
    throw failure(thrown, 'setMemoryLimit', '', [bytes])
  }
}

/** Pages in memory that are no file's. Everything where the system does not say. */
function ownResidentBytes(): number {
  if (process.platform !== 'linux') return Number.POSITIVE_INFINITY
  const [, resident, shared] = readFileSync('/proc/self/statm', 'latin1').split(' ').map(Number)
  return (resident! - shared!) * pageBytes
}

/** Page size of every supported system except some ARM kernels, where less is counted as free. */
const pageBytes = 4096
