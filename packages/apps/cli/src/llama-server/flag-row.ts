/** How a llama-server flag is handled. */

/** External dependencies. */
export interface FlagReader {
  readonly readFile: (path: string) => string
}

/** State for flags that combine. */
export interface Gathered {
  context?: string
  parallel?: string
  unified?: boolean
  repository?: string
  file?: string
  keys: string[]
  adapters: string[]
  adaptersApply?: boolean
}

export type Become = (value: string, gathered: Gathered, reader: FlagReader) => readonly string[] | Refusal
export class Refusal {
  readonly instead: string
  constructor(instead: string) {
    this.instead = instead
  }
}

export interface Row {
  readonly names: readonly string[]
  /** Whether a value follows; `maybe`: only one of the known words. */
  readonly value: boolean | 'maybe'
  /** Absent: left out. */
  readonly become?: Become
}

const words = (names: string): string[] => names.split(' ')
export const row = (names: string, value: Row['value'], become?: Become): Row => ({
  names: words(names),
  value,
  ...(become !== undefined && { become }),
})

export const to =
  (flag: string): Become =>
  (value) => [flag, value]
export const alone =
  (...args: string[]): Become =>
  () =>
    args
/** -1 means the default without the flag. */
export const unless =
  (nothing: readonly string[], flag: string): Become =>
  (value) =>
    nothing.includes(value) ? [] : [flag, value]
export const instead =
  (what: string): Become =>
  () =>
    new Refusal(what)
/** Values that change nothing here pass; others are refused. */
export const only =
  (harmless: readonly string[], what: string): Become =>
  (value) =>
    harmless.includes(value) ? [] : new Refusal(what)
