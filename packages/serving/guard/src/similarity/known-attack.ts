/** What the index knows of an attack, beside where it points. */

import type { Language, Span } from '../check.ts'

export interface KnownAttack {
  readonly id: string
  readonly language: Language
  /** Who collected it. */
  readonly source: string
  /** What kind of attack it is, or a remark of whoever added it. */
  readonly label?: string
  /** Absent where only its vectors may be kept: then another encoder cannot read it. */
  readonly text?: string
  /** When it was learned, in milliseconds since 1970. Absent for shipped ones. */
  readonly at?: number
  /** Its windows that benign texts have, too, and that are therefore none of its vectors. */
  readonly leftOut?: readonly Span[]
}
