/** Jinja's two kinds of member access: `value.name` tries an attribute first, `value[key]` an item. */

import { runtimeFailure } from '../failure.ts'
import { isEqual } from '../values/operators.ts'
import { represent } from '../values/text.ts'
import {
  Callable,
  Dict,
  itemsOf,
  LoopState,
  Namespace,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from '../values/values.ts'
import { integerOf } from './bind.ts'
import { itemOf } from './items.ts'
import { isUnsafe, methodOf } from './methods.ts'
import { slice, sliceText } from './strings.ts'

export function getAttribute(object: Value, name: string): Value {
  if (object instanceof Undefined) throw runtimeFailure(object.why)
  const attribute = attributeOf(object, name)
  if (attribute !== undefined) return attribute
  const item = itemOf(object, name)
  return item === undefined ? new Undefined(`'${shownType(object)}' has no attribute '${name}'`) : item
}

export function getItem(object: Value, key: Value): Value {
  const item = itemOf(object, key)
  if (item !== undefined) return item
  if (typeof key !== 'string') return new Undefined(`${shownType(object)} has no element ${represent(key)}`)
  const attribute = attributeOf(object, key)
  return attribute === undefined
    ? new Undefined(`'${shownType(object)}' has no attribute '${key}'`)
    : attribute
}

function attributeOf(object: Value, name: string): Value | undefined {
  if (isUnsafe(object, name) && !(object instanceof Dict && object.has(name) && name.startsWith('__')))
    return new Undefined(`access to attribute '${name}' of '${typeName(object)}' object is unsafe.`)
  if (object instanceof Namespace) return object.members.get(name)
  if (object instanceof LoopState) return loopAttribute(object, name)
  if (object instanceof Callable) return name === 'name' ? object.name : undefined
  return methodOf(object, name)
}

function shownType(object: Value): string {
  return object === null ? 'None' : `${typeName(object)} object`
}

function loopAttribute(loop: LoopState, name: string): Value | undefined {
  const { index0, items, depth } = loop
  switch (name) {
    case 'index':
      return index0 + 1
    case 'index0':
      return index0
    case 'revindex':
      return items.length - index0
    case 'revindex0':
      return items.length - index0 - 1
    case 'first':
      return index0 === 0
    case 'last':
      return index0 === items.length - 1
    case 'length':
      return items.length
    case 'depth':
      return depth
    case 'depth0':
      return depth - 1
    case 'previtem':
      return index0 > 0 ? items[index0 - 1] : new Undefined('there is no previous item')
    case 'nextitem':
      return index0 + 1 < items.length ? items[index0 + 1] : new Undefined('there is no next item')
    case 'cycle':
      return new Callable(name, ({ positional }) => {
        if (positional.length === 0) throw runtimeFailure('no items for cycling given')
        return positional[index0 % positional.length]!
      })
    case 'changed':
      return new Callable(name, ({ positional }) => {
        const before = loop.changedFrom
        loop.changedFrom = positional
        return before === undefined || !isEqual(before, positional)
      })
    default:
      return undefined
  }
}

export function getSlice(object: Value, bounds: readonly (Value | undefined)[]): Value {
  const [from, to, by = 1] = bounds.map((bound) =>
    bound === undefined || bound === null ? undefined : integerOf(bound, 'slice indices'),
  )
  if (object instanceof Undefined) throw runtimeFailure(object.why)
  if (by === 0) throw runtimeFailure('slice step cannot be zero')
  if (typeof object === 'string') return sliceText(object, from, to, by)
  const items = itemsOf(object)
  if (items === undefined) return new Undefined(`${shownType(object)} has no element slice`)
  const sliced = slice(items, from, to, by)
  return object instanceof Tuple ? new Tuple(sliced) : sliced
}
