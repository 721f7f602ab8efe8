/** What a run says about the memory that it takes. None of it decides the weights, beyond how sums are rounded. */

import { messageOf, parseBytes } from '@hadal/base'

export interface MemoryOptions {
  /** The most that tensors may take, in bytes or as a text such as `4GiB`; what does not fit is read in smaller passes. */
  readonly limit?: number | string
  /** Gives the system back what the allocator holds free, every so many steps. */
  readonly emptyEverySteps?: number
  /** The same whenever more than this share of what it holds is free. */
  readonly emptyAtFragmentation?: number
}

export const limitBytes = ({ limit }: MemoryOptions): number | undefined =>
  typeof limit === 'string' ? parseBytes(limit) : limit

/** Every fault as a sentence that names the value. */
export function memoryFaults(options: MemoryOptions): string[] {
  const { limit, emptyEverySteps, emptyAtFragmentation } = options
  const faults: string[] = []
  try {
    const bytes = limitBytes(options) ?? 1
    if (!(bytes > 0 && bytes < Number.POSITIVE_INFINITY))
      faults.push(`memory.limit is ${JSON.stringify(limit)}; it must be above 0`)
  } catch (thrown) {
    faults.push(`memory.limit is ${JSON.stringify(limit)}; ${messageOf(thrown)}`)
  }
  if (emptyEverySteps !== undefined && !(Number.isSafeInteger(emptyEverySteps) && emptyEverySteps >= 1))
    faults.push(`memory.emptyEverySteps is ${emptyEverySteps}; it must be a whole number of at least 1`)
  if (emptyAtFragmentation !== undefined && !(emptyAtFragmentation >= 0 && emptyAtFragmentation < 1))
    faults.push(`memory.emptyAtFragmentation is ${emptyAtFragmentation}; it must be from 0 to below 1`)
  return faults
}
