/** The check that looks for a user's patterns. */

import type { Check } from '../check.ts'
import { detectorsCheck } from './detectors-check.ts'
import { patternDetectors, type UserPattern } from './user-patterns.ts'

/** Compiles each pattern once. Throws `guard_pattern_invalid`. */
export function patternsCheck(patterns: readonly UserPattern[]): Check {
  return detectorsCheck(patternDetectors(patterns).map(({ find }) => find))
}
