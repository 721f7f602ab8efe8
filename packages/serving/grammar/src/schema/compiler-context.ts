/** What the writers of strings, numbers, arrays and objects share while one schema is compiled. */

import type { Expression } from '../gbnf/expression.ts'
import type { Admission } from './admits.ts'
import type { Alternatives, Need } from './alternatives.ts'
import type { Facts } from './facts.ts'
import type { Patterns } from './patterns.ts'

export interface CompilerContext {
  readonly alternatives: Alternatives
  readonly admission: Admission
  readonly facts: Facts
  readonly patterns: Patterns
  readonly rules: Map<string, Expression>
  /** Rules that write one character out of a set. */
  readonly sets: Map<string, string>
  /** A reference to the rule that writes what satisfies the need, which is compiled later. `name` is what to call it. */
  ruleFor(need: Need, name: string): Expression
}
