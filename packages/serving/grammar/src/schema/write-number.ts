/** Numbers: bounds and divisors combined to a language of decimal digits. */

import { schemaUnsupported } from '../errors.ts'
import { anyOf, type Expression, rule } from '../gbnf/expression.ts'
import { type Automaton, automatonRules } from '../language/automaton.ts'
import { intersectAutomata } from '../language/combine-automata.ts'
import { automatonOf } from '../language/determinise.ts'
import { toExpression } from '../language/language.ts'
import { decimalPlaces, multiplesAutomaton } from '../language/multiples.ts'
import { intersectBounds, type NumberBounds, unbounded } from '../language/number-bounds.ts'
import { numberLanguage } from '../language/number-language.ts'
import type { Alternative } from './alternatives.ts'
import type { CompilerContext } from './compiler-context.ts'
import { at } from './patterns.ts'

/** Doubles distinguish integers and decimals up to this many digits. */
const exactDigits = 15

export function writeNumber(context: CompilerContext, alternative: Alternative, name: string): Expression {
  const bounds = context.facts.boundsOf(alternative)
  const divisors = alternative.flatMap(({ keywords: { multipleOf, pointer } }) =>
    multipleOf === undefined ? [] : [{ multipleOf, pointer: `${pointer}/multipleOf` }],
  )
  const [first] = divisors
  if (first !== undefined) {
    const multiples = divisors.map(({ multipleOf, pointer }) => multiplesOf(multipleOf, pointer))
    return at(first.pointer, () => {
      const numbers = automatonOf(numberLanguage(exactBounds(bounds, divisors)))
      return automatonRules(multiples.reduce(intersectAutomata, numbers), name, context.rules, anyOf)
    })
  }
  const isOpen = bounds.min === Number.NEGATIVE_INFINITY && bounds.max === Number.POSITIVE_INFINITY
  if (isOpen) return rule(bounds.integer ? 'json-integer' : 'json-number')
  return toExpression(numberLanguage(bounds))
}

function multiplesOf(divisor: number, pointer: string): Automaton {
  const automaton = multiplesAutomaton(divisor)
  if (automaton === undefined)
    throw schemaUnsupported(pointer, `multiples of ${divisor}, which take too many states`)
  return automaton
}

/** Bounds within which a number parsed as a double is still a multiple. */
function exactBounds(
  bounds: NumberBounds,
  divisors: readonly { readonly multipleOf: number; readonly pointer: string }[],
): NumberBounds {
  const digits = exactDigits - Math.max(...divisors.map(({ multipleOf }) => decimalPlaces(multipleOf)))
  const most = 10 ** digits - 1
  if (bounds.min > most || bounds.max < -most)
    throw schemaUnsupported(divisors[0]!.pointer, `multiples of numbers with more than ${exactDigits} digits`)
  return intersectBounds(bounds, { ...unbounded, min: -most, max: most })
}
