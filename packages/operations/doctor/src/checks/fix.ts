/** A remedy, of a check or a cause. */

export interface Fix {
  /** What to do, in a sentence. */
  readonly text: string
  /** What to type, where a command does it. */
  readonly command?: string
}
