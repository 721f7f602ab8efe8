/** Activation checkpointing options: what is recomputed in the backward pass instead of being kept. */

import { formatBytes, messageOf, parseBytes } from '@hadal/base'

export interface Checkpointing {
  /** Keep only the input of every N consecutive layers. */
  readonly every?: number
  /**
   * Upper bound on libtorch memory, in bytes or as text such as `4GiB`. Recomputes the cheapest parts, and as few as fit. Chooses
   * the layers itself, so it excludes `every`.
   */
  readonly memoryTarget?: number | string
}

export const targetBytes = (target: number | string): number =>
  typeof target === 'string' ? parseBytes(target) : target

/** Text as given; a number formatted as a size. */
export const shownTarget = (target: number | string): string =>
  typeof target === 'string' ? JSON.stringify(target) : formatBytes(target)

/** Returns every issue as a sentence that includes the value. */
export function checkpointingIssues({ every, memoryTarget }: Checkpointing): string[] {
  const issues: string[] = []
  if (every !== undefined && !(Number.isSafeInteger(every) && every >= 1))
    issues.push(`checkpointing.every is ${every}; it must be a whole number of layers, at least 1`)
  if (memoryTarget !== undefined) issues.push(...targetIssues(memoryTarget))
  if (every === undefined && memoryTarget === undefined)
    issues.push('checkpointing must set every or memoryTarget')
  if (every !== undefined && memoryTarget !== undefined)
    issues.push(
      `checkpointing sets both every ${every} and memoryTarget ${shownTarget(memoryTarget)}; remove one`,
    )
  return issues
}

function targetIssues(target: number | string): string[] {
  const issue = (why: string): string[] => [`checkpointing.memoryTarget is ${JSON.stringify(target)}; ${why}`]
  try {
    const bytes = targetBytes(target)
    return bytes > 0 && bytes < Number.POSITIVE_INFINITY ? [] : issue('it must be above 0')
  } catch (thrown) {
    return issue(messageOf(thrown))
  }
}
