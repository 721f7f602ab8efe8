/** Validates parallel options on their own; compatibility with ranks and model is checked later. */

import type { ParallelOptions } from './parallel-options.ts'

/** Each a sentence that begins with the key. */
export function parallelIssues(options: Partial<ParallelOptions>): string[] {
  const issues: string[] = []
  const check = (key: keyof ParallelOptions, isSound: (value: never) => boolean, want: string): void => {
    const value = options[key]
    if (value !== undefined && !isSound(value as never))
      issues.push(`${key} is ${JSON.stringify(value)}; it must be ${want}`)
  }
  const whole = (least: number, most: number) => (value: unknown) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
  const parts = whole(1, Number.MAX_SAFE_INTEGER)
  for (const key of ['data', 'tensor', 'expert'] as const) check(key, parts, 'a whole number of at least 1')
  check('sequence', (value: unknown) => typeof value === 'boolean', 'true or false')
  check('zero', whole(0, 3), '0, 1, 2 or 3')
  check('bucketBytes', whole(1024, 2 ** 32), `a whole number from 1024 to ${2 ** 32}`)
  check('timeoutSeconds', (value: number) => value > 0 && Number.isFinite(value), 'above 0')
  return issues
}
