/** A run's profiling options. They do not affect the weights. */

import type { MemoryOptions } from '../memory/memory-options.ts'

export interface ProfileOptions {
  /** Number of steps to record. */
  readonly steps: number
  /** Steps of this process to skip first, for warm-up. */
  readonly afterSteps: number
  /** Also records every allocation: which tensors were live at the peak. */
  readonly memory: boolean
}

/**
 * Defaults of profiling: three steps after the first three.
 *
 * @example
 * ```ts
 * import { profileDefaults } from '@hadal/train'
 *
 * profileDefaults // → { steps: 3, afterSteps: 3, memory: true }
 * ```
 */
export const profileDefaults: ProfileOptions = { steps: 3, afterSteps: 3, memory: true }

/** More steps are unreadable in a trace and exhaust memory. */
const maxSteps = 100

/** Returns every issue as a sentence that includes the value. */
export function profileIssues(given: Partial<ProfileOptions>, memory: MemoryOptions | undefined): string[] {
  const { steps, afterSteps, memory: withMemory } = { ...profileDefaults, ...given }
  const issues: string[] = []
  if (!(Number.isSafeInteger(steps) && steps >= 1 && steps <= maxSteps))
    issues.push(`profile.steps is ${steps}; it must be a whole number from 1 to ${maxSteps}`)
  if (!(Number.isSafeInteger(afterSteps) && afterSteps >= 0))
    issues.push(`profile.afterSteps is ${afterSteps}; it must be a whole number of at least 0`)
  if (typeof withMemory !== 'boolean')
    issues.push(`profile.memory is ${String(withMemory)}; it must be true or false`)
  if (memory?.limit !== undefined)
    issues.push(
      `profile and memory.limit cannot be combined: both need libtorch's single allocator hook. Remove memory.limit to profile`,
    )
  return issues
}
