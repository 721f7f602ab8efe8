/** Items of values: `value[key]`, without Jinja's fallback to attributes. */

import { runtimeFailure } from '../failure.ts'
import {
  Dict,
  isAstral,
  isFloat,
  isList,
  itemsOf,
  numberOf,
  Tuple,
  Undefined,
  type Value,
} from '../values/values.ts'

/** Undefined if there is no such item. */
export function itemOf(object: Value, key: Value): Value | undefined {
  if (object instanceof Undefined) throw runtimeFailure(object.why)
  if (object instanceof Dict) return isHashable(key) ? object.get(key) : undefined
  const index = isFloat(key) ? undefined : numberOf(key)
  if (index === undefined) return undefined
  if (typeof object === 'string') {
    if (isAstral(object)) return [...object].at(index)
    return object.at(index)
  }
  return itemsOf(object)?.at(index)
}

function isHashable(key: Value): boolean {
  if (key instanceof Tuple) return key.items.every(isHashable)
  return !(isList(key) || key instanceof Dict || key instanceof Undefined)
}
