/** A parser to fuzz. */

export interface FuzzTarget {
  readonly seeds: () => readonly (Uint8Array | string)[]
  /** May throw an error with a code, or one that is `expected`; any other is a finding. */
  readonly parse: (bytes: Buffer) => unknown
  readonly expected?: (thrown: unknown) => boolean
}
