/** What a dictionary of another language holds. */

export interface Words {
  /** By the English text. Values stand as {0}, {1}, ... in both. */
  readonly texts: Texts
  /** Of texts that other packages make, which know no language: by the same, recognised by their words. */
  readonly made: Texts
  /** By code. */
  readonly errors: Readonly<Record<string, ErrorWords>>
}

export type Texts = Readonly<Record<string, string>>

export interface ErrorWords {
  readonly message: (...args: never) => string
  readonly help: string | ((...args: never) => string)
}

/** An error in another language: its message and its help, of the values that its declaration has. */
export const words = <Args extends readonly unknown[]>(
  message: (...args: Args) => string,
  help: string | ((...args: Args) => string),
): ErrorWords => ({ message, help })
