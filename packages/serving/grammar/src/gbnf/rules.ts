/** A grammar's rules by name, and the error if it is too large. */

import type { Expression } from './expression.ts'

export type Rules = ReadonlyMap<string, Expression>

/** Thrown if a grammar exceeds its limits. */
export class GrammarTooLarge extends Error {}
