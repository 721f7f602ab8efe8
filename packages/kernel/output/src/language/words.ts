/** Contents of a dictionary. */

export interface Words {
  /** By English text, with values as {0}, {1}, ... */
  readonly texts: Texts
  /** Texts produced by other packages, matched by their fixed parts. */
  readonly made: Texts
  /** By error code. */
  readonly errors: Readonly<Record<string, ErrorWords>>
}

export type Texts = Readonly<Record<string, string>>

export interface ErrorWords {
  readonly message: (...args: never) => string
  readonly help: string | ((...args: never) => string)
}

/** A translated error: message and help, from the arguments of its declaration. */
export const words = <Args extends readonly unknown[]>(
  message: (...args: Args) => string,
  help: string | ((...args: Args) => string),
): ErrorWords => ({ message, help })
