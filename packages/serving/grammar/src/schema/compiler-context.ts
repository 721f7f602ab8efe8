/** State shared by the writers of strings, numbers, arrays and objects during one compilation. */

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
  /** Rules that match one character of a set. */
  readonly sets: Map<string, string>
  /** References the rule for a need, which is compiled later. `name` is the preferred name. */
  ruleFor(need: Need, name: string): Expression
}
