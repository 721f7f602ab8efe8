/** What a run says about its profile. None of it decides the weights. */

import type { MemoryOptions } from '../memory/memory-options.ts'

export interface ProfileOptions {
  /** So many steps are recorded. */
  readonly steps: number
  /** After so many of this process, when everything is warm. */
  readonly afterSteps: number
  /** Every allocation, too: who held what at the peak. */
  readonly memory: boolean
}

/**
 * What a profile takes where nothing is said: three steps after the first three.
 *
 * @example
 * ```ts
 * import { profileDefaults } from '@hadal/train'
 *
 * profileDefaults // → { steps: 3, afterSteps: 3, memory: true }
 * ```
 */
export const profileDefaults: ProfileOptions = { steps: 3, afterSteps: 3, memory: true }

/** Of a trace of so many steps nobody sees more than of a few, and it takes all memory. */
const maxSteps = 100

/** Every fault as a sentence that names the value. */
export function profileFaults(given: Partial<ProfileOptions>, memory: MemoryOptions | undefined): string[] {
  const { steps, afterSteps, memory: withMemory } = { ...profileDefaults, ...given }
  const faults: string[] = []
  if (!(Number.isSafeInteger(steps) && steps >= 1 && steps <= maxSteps))
    faults.push(`profile.steps is ${steps}; it must be a whole number from 1 to ${maxSteps}`)
  if (!(Number.isSafeInteger(afterSteps) && afterSteps >= 0))
    faults.push(`profile.afterSteps is ${afterSteps}; it must be a whole number of at least 0`)
  if (typeof withMemory !== 'boolean')
    faults.push(`profile.memory is ${String(withMemory)}; it must be true or false`)
  if (memory?.limit !== undefined)
    faults.push(
      `profile and memory.limit are both said; libtorch has one place for the profiler and for what holds the limit: profile without memory.limit`,
    )
  return faults
}
