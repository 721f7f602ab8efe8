/** The flags of `hadal classify`. */

export interface ClassifyFlags {
  readonly classes?: string
  readonly template?: readonly string[]
  readonly top: string
  readonly threads?: string
  readonly json?: boolean
}
