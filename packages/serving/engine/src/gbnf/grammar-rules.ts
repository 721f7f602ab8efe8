/** The rules of a grammar, as parsed from GBNF. */

/** First and last code point. */
export type Range = readonly [from: number, to: number]

export type Element =
  /** One character out of these ranges, or out of all others. */
  | { readonly kind: 'character'; readonly ranges: readonly Range[]; readonly negated: boolean }
  | { readonly kind: 'rule'; readonly rule: number }
  /** One specific token, or any other one, whatever its text. */
  | { readonly kind: 'token'; readonly token: number; readonly negated: boolean }

/** The alternatives, each a sequence. */
export type Rule = readonly (readonly Element[])[]

export interface GrammarRules {
  readonly rules: readonly Rule[]
  readonly root: number
}
