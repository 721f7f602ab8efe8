/** The check for custom patterns. */

import type { Check } from '../check.ts'
import { detectorsCheck } from './detectors-check.ts'
import { patternDetectors, type UserPattern } from './user-patterns.ts'

/**
 * Compiles each pattern once. Throws `guard_pattern_invalid`.
 *
 * @example
 * ```ts
 * import { createGuard, patternsCheck } from '@hadal/guard'
 *
 * const check = patternsCheck([{ name: 'ticket', pattern: 'SECRET-[0-9]+', replacement: '[ticket]' }]) // RE2's syntax
 * const guard = createGuard({ policy: 'off', checks: [{ name: 'mine', layer: 'rules', check, action: 'redact' }] })
 * const { text } = await guard.screen('see SECRET-42')
 * text // → 'see [ticket]'
 * ```
 */
export function patternsCheck(patterns: readonly UserPattern[]): Check {
  return detectorsCheck(patternDetectors(patterns).map(({ find }) => find))
}
