/** The rules of a grammar by name, and why they were not written. */

import type { Expression } from './expression.ts'

export type Rules = ReadonlyMap<string, Expression>

/** Why a grammar was not written. */
export class GrammarTooLarge extends Error {}
