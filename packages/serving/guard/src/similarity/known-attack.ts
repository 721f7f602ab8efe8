/** Metadata of a known attack. */

import type { Language, Span } from '../check.ts'

export interface KnownAttack {
  readonly id: string
  readonly language: Language
  /** The collection. */
  readonly source: string
  /** Kind of attack, or a note by the person who added it. */
  readonly label?: string
  /** Absent if only its vectors may be kept; other encoders then cannot read it. */
  readonly text?: string
  /** Unix milliseconds of learning. Absent for bundled ones. */
  readonly at?: number
  /** Windows excluded because they also occur in benign texts. */
  readonly leftOut?: readonly Span[]
}
