/** Functions available to every template. Request variables cannot replace them. */

import { spendItems } from '../budget.ts'
import { runtimeFailure, TemplateFailure } from '../failure.ts'
import { formatTime } from '../format-time.ts'
import { textOf } from '../values/text.ts'
import { type Arguments, Callable, Dict, iterate, Namespace, Range, type Value } from '../values/values.ts'
import { bind, integerOf } from './bind.ts'

/** Maximum number of items of a range, as in Jinja's sandbox. */
const longestRange = 100_000

function range({ positional, named }: Arguments): Value {
  if (named.size > 0 || positional.length === 0 || positional.length > 3)
    throw runtimeFailure('range() takes one to three positional arguments')
  const bounds = positional.map((bound) => integerOf(bound, 'a bound of range()'))
  const [from, to, by = 1] = bounds.length === 1 ? [0, bounds[0]!] : (bounds as [number, number, number?])
  if (by === 0) throw runtimeFailure('range() arg 3 must not be zero')
  const length = Math.max(0, Math.ceil((to - from) / by))
  if (!(length <= longestRange))
    throw new TemplateFailure(
      'size',
      `range(${bounds.join(', ')}) is too long: the limit is ${longestRange} items`,
    )
  spendItems(length)
  return new Range(
    `range(${from}, ${to}${by === 1 ? '' : `, ${by}`})`,
    Array.from({ length }, (_, index) => from + index * by),
  )
}

function dict({ positional, named }: Arguments): Dict {
  const [first] = bind('dict', ['mapping?'], { positional, named: new Map() })
  const entries =
    first === undefined
      ? []
      : first instanceof Dict
        ? [...first.entries()]
        : iterate(first).map((pair) => {
            const [key, value] = iterate(pair)
            if (key === undefined || value === undefined) throw runtimeFailure('a pair has to have two items')
            return [key, value] as const
          })
  return new Dict([...entries, ...named])
}

function joiner(args: Arguments): Value {
  const [separator = ', '] = bind('joiner', ['sep?'], args)
  let used = false
  return new Callable('joiner', () => {
    const written = used ? separator : ''
    used = true
    return written
  })
}

export function globals(date: Date): ReadonlyMap<string, Value> {
  const functions: Readonly<Record<string, (args: Arguments) => Value>> = {
    range,
    dict,
    joiner,
    namespace: (args) =>
      new Namespace(new Map([...dict(args).entries()].map(([key, value]) => [textOf(key), value]))),
    raise_exception: (args) => {
      const [message] = bind('raise_exception', ['message'], args)
      throw new TemplateFailure('raised', textOf(message!))
    },
    strftime_now: (args) => formatTime(date, textOf(bind('strftime_now', ['format'], args)[0]!)),
  }
  return new Map(Object.entries(functions).map(([name, call]) => [name, new Callable(name, call)]))
}
