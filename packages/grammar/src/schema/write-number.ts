/** Numbers of a schema: bounds and divisors made one language of decimal digits. */

import { schemaUnsupported } from '../errors.ts'
import { anyOf, type Expression, rule } from '../gbnf/expression.ts'
import { automatonOf, automatonRules, intersectAutomata } from '../language/automaton.ts'
import { isSafelyPlain, toExpression } from '../language/language.ts'
import { multiplesAutomaton } from '../language/multiples.ts'
import { numberLanguage } from '../language/number-language.ts'
import type { Alternative } from './alternatives.ts'
import type { CompilerContext } from './compiler-context.ts'
import { at } from './patterns.ts'

export function writeNumber(context: CompilerContext, alternative: Alternative, name: string): Expression {
  const bounds = context.facts.boundsOf(alternative)
  const divisors = alternative.flatMap(({ keywords: { multipleOf, pointer } }) =>
    multipleOf === undefined ? [] : [{ multipleOf, pointer: `${pointer}/multipleOf` }],
  )
  const isOpen = bounds.min === Number.NEGATIVE_INFINITY && bounds.max === Number.POSITIVE_INFINITY
  if (isOpen && divisors.length === 0) return rule(bounds.integer ? 'json-integer' : 'json-number')
  const language = numberLanguage(bounds)
  if (divisors.length === 0 && isSafelyPlain(language)) return toExpression(language)
  const multiples = divisors.map(({ multipleOf, pointer }) => {
    const automaton = multiplesAutomaton(multipleOf)
    if (automaton === undefined)
      throw schemaUnsupported(pointer, `multiples of ${multipleOf}, which take too many states`)
    return automaton
  })
  const pointer = divisors[0]?.pointer ?? ''
  return at(pointer, () =>
    automatonRules(multiples.reduce(intersectAutomata, automatonOf(language)), name, context.rules, anyOf),
  )
}
