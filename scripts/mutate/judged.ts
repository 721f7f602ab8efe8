/**
 * What reading a surviving mutant came to. Equivalent ones are not run again: no test can tell them from the original. Found by
 * the text of their line, so that the table outlives edits elsewhere in the file.
 */

export interface Judged {
  /** Relative to the root of the repository. */
  readonly file: string
  /** The line, trimmed. */
  readonly code: string
  /** `Mutant.change`; absent: every mutant of the line. */
  readonly change?: string
  readonly verdict: 'equivalent' | 'cosmetic' | 'should be tested'
  readonly reason: string
}

export const judged: readonly Judged[] = []
