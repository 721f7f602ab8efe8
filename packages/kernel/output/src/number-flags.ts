/** Numeric flags. */

import { usage } from './errors.ts'
import { say } from './language/speak.ts'

/** At least 1. Throws `usage`. */
export function wholeNumberFlag(text: string, flag: string, command: string): number {
  const value = Number(text)
  if (!(Number.isSafeInteger(value) && value >= 1))
    throw usage(say`${flag} must be a whole number of at least 1, not ${text}`, command)
  return value
}
