/** Binds the arguments of a call to parameters, as Python does. */

import { runtimeFailure } from '../failure.ts'
import { type Arguments, isFloat, numberOf, typeName, type Value } from '../values/values.ts'

/** Returns values in the order of `parameters`; those whose name ends in `?` are optional. */
export function bind(
  name: string,
  parameters: readonly string[],
  { positional, named }: Arguments,
): (Value | undefined)[] {
  if (positional.length > parameters.length)
    throw runtimeFailure(
      `${name}() takes at most ${parameters.length} arguments (${positional.length} given)`,
    )
  const bound: (Value | undefined)[] = parameters.map((_, index) => positional[index])
  const names = parameters.map((parameter) => parameter.replace('?', ''))
  for (const [key, value] of named) {
    const index = names.indexOf(key)
    if (index < 0) throw runtimeFailure(`${name}() got an unexpected keyword argument '${key}'`)
    if (bound[index] !== undefined)
      throw runtimeFailure(`${name}() got multiple values for argument '${key}'`)
    bound[index] = value
  }
  const missing = parameters.findIndex(
    (parameter, index) => bound[index] === undefined && !parameter.endsWith('?'),
  )
  if (missing >= 0) throw runtimeFailure(`${name}() missing required argument: '${names[missing]!}'`)
  return bound
}

/** Throws if the argument is not an int. */
export function integerOf(value: Value, what: string): number {
  const number = numberOf(value)
  if (number === undefined || isFloat(value))
    throw runtimeFailure(`${what} must be an integer, not ${typeName(value)}`)
  return number
}
