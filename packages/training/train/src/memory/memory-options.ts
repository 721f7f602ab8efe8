/** A run's memory options. They do not affect the weights, except by the rounding of sums. */

import { messageOf, parseBytes } from '@hadal/base'

export interface MemoryOptions {
  /** Upper bound on tensor memory, in bytes or as text such as `4GiB`; passes that exceed it are split. */
  readonly limit?: number | string
  /** Returns cached allocator memory to the system every N steps. */
  readonly emptyEverySteps?: number
  /** Does the same whenever more than this share of allocator memory is free. */
  readonly emptyAtFragmentation?: number
}

export const limitBytes = ({ limit }: MemoryOptions): number | undefined =>
  typeof limit === 'string' ? parseBytes(limit) : limit

/** Returns every issue as a sentence that includes the value. */
export function memoryIssues(options: MemoryOptions): string[] {
  const { limit, emptyEverySteps, emptyAtFragmentation } = options
  const issues: string[] = []
  try {
    const bytes = limitBytes(options) ?? 1
    if (!(bytes > 0 && bytes < Number.POSITIVE_INFINITY))
      issues.push(`memory.limit is ${JSON.stringify(limit)}; it must be above 0`)
  } catch (thrown) {
    issues.push(`memory.limit is ${JSON.stringify(limit)}; ${messageOf(thrown)}`)
  }
  if (emptyEverySteps !== undefined && !(Number.isSafeInteger(emptyEverySteps) && emptyEverySteps >= 1))
    issues.push(`memory.emptyEverySteps is ${emptyEverySteps}; it must be a whole number of at least 1`)
  if (emptyAtFragmentation !== undefined && !(emptyAtFragmentation >= 0 && emptyAtFragmentation < 1))
    issues.push(`memory.emptyAtFragmentation is ${emptyAtFragmentation}; it must be from 0 to below 1`)
  return issues
}
