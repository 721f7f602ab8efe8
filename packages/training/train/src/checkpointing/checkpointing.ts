/** What of a pass is computed again on the way back instead of being kept, as a run says it. */

import { formatBytes, messageOf, parseBytes } from '@hadal/base'

export interface Checkpointing {
  /** Of so many layers after each other only what goes in is kept. */
  readonly every?: number
  /**
   * The most that libtorch shall hold at once, bytes or a text such as `4GiB`: what is cheapest to compute again is, as little of it
   * as fits. Says which layers, so not beside `every`.
   */
  readonly memoryTarget?: number | string
}

export const targetBytes = (target: number | string): number =>
  typeof target === 'string' ? parseBytes(target) : target

/** As it was said, or a number as a size. */
export const shownTarget = (target: number | string): string =>
  typeof target === 'string' ? JSON.stringify(target) : formatBytes(target)

/** Every fault as a sentence that names the value. */
export function checkpointingFaults({ every, memoryTarget }: Checkpointing): string[] {
  const faults: string[] = []
  if (every !== undefined && !(Number.isSafeInteger(every) && every >= 1))
    faults.push(`checkpointing.every is ${every}; it must be a whole number of layers, at least 1`)
  if (memoryTarget !== undefined) faults.push(...targetFaults(memoryTarget))
  if (every === undefined && memoryTarget === undefined)
    faults.push('checkpointing has neither every nor memoryTarget; it needs one of them')
  if (every !== undefined && memoryTarget !== undefined)
    faults.push(
      `checkpointing has every ${every} and memoryTarget ${shownTarget(memoryTarget)}; leave one of them out`,
    )
  return faults
}

function targetFaults(target: number | string): string[] {
  const fault = (why: string): string[] => [`checkpointing.memoryTarget is ${JSON.stringify(target)}; ${why}`]
  try {
    const bytes = targetBytes(target)
    return bytes > 0 && bytes < Number.POSITIVE_INFINITY ? [] : fault('it must be above 0')
  } catch (thrown) {
    return fault(messageOf(thrown))
  }
}
