/**
 * glibc returns large blocks to the system, which zeroes them on reallocation. That would dominate timings of runs with more memory, so
 * malloc is configured to keep freed memory.
 */

export const keepFreed: Readonly<Record<string, string>> = {
  MALLOC_MMAP_THRESHOLD_: '4000000000',
  MALLOC_TRIM_THRESHOLD_: '8000000000',
}

/** Whether it does in this process: other systems do not know how. */
export const keepsFreed = (): boolean =>
  process.platform === 'linux' &&
  Object.entries(keepFreed).every(([name, value]) => process.env[name] === value)

/** Conditions of a claim. Absent from older raw results. */
export const keptText = (isKept: boolean | undefined): string =>
  isKept === true ? ', freed memory kept for the next step' : ''
