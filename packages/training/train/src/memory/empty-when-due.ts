/** When cached allocator memory is returned to the system, and how much that was. */

import { type AllocatorState, allocatorState, emptyCache } from '@hadal/tensor'
import type { MemoryOptions } from './memory-options.ts'

export interface Emptied {
  readonly reason: 'schedule' | 'fragmentation'
  /** Free memory held by the allocator before, and after. */
  readonly freeBytesBefore: number
  readonly freeBytesAfter: number
}

/** The reason if it is due after `step`, else undefined. `state` is only read if the share of free memory matters. */
export function emptyingDue(
  { emptyEverySteps, emptyAtFragmentation }: MemoryOptions,
  step: number,
  state: () => AllocatorState,
): Emptied['reason'] | undefined {
  if (emptyEverySteps !== undefined && step % emptyEverySteps === 0) return 'schedule'
  if (emptyAtFragmentation === undefined) return undefined
  const { inUseBytes, freeBytes } = state()
  return freeBytes > emptyAtFragmentation * (inUseBytes + freeBytes) ? 'fragmentation' : undefined
}

/** Call after a step. Undefined if nothing was due. */
export function emptyWhenDue(options: MemoryOptions | undefined, step: number): Emptied | undefined {
  const reason = options && emptyingDue(options, step, allocatorState)
  if (reason === undefined) return undefined
  const { freeBytes: freeBytesBefore } = allocatorState()
  emptyCache()
  return { reason, freeBytesBefore, freeBytesAfter: allocatorState().freeBytes }
}
