/** Translates an error whose arguments are known. */

import { argumentsOf, type HadalError } from '@hadal/base'
import { recognise, spokenWords } from './speak.ts'

export interface ErrorText {
  readonly message: string
  readonly help: string
}

/** An error received without its arguments keeps its English message. */
export function sayError(error: HadalError): ErrorText {
  const words = spokenWords()?.errors[error.code]
  if (words === undefined) return error
  const args = argumentsOf(error)
  const { message, help } = words
  if (args === undefined)
    return { message: error.message, help: typeof help === 'string' ? help : error.help }
  return { message: fill(message, args), help: typeof help === 'string' ? help : fill(help, args) }
}

/** The arguments are those of the error's declaration; a test compares the two. */
const fill = (said: (...args: never) => string, args: readonly unknown[]): string =>
  (said as (...args: readonly unknown[]) => string)(...args.map(reason))

/** A reason is another message, or several; values without spaces are names and stay untranslated. */
function reason(value: unknown): unknown {
  if (typeof value === 'string') return value.includes(' ') ? recognise(value) : value
  return Array.isArray(value) ? value.map(reason) : value
}
