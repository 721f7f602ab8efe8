/** Arrays: positional items, then others, within length bounds. */

import { schemaUnsupported } from '../errors.ts'
import {
  choice,
  type Expression,
  impossible,
  nothing,
  optional,
  repeat,
  rule,
  sequence,
  text,
} from '../gbnf/expression.ts'
import type { Alternative } from './alternatives.ts'
import type { CompilerContext } from './compiler-context.ts'
import { otherItems } from './facts.ts'
import { literal } from './literal.ts'

const comma = sequence(text(','), rule('ws'))

export function writeArray(context: CompilerContext, alternative: Alternative, name: string): Expression {
  const { facts } = context
  const { prefix, max: maxItems, unique, ...declared } = facts.arrayOf(alternative)
  // Tuples are complete unless the schema sets a minimum length.
  const least = declared.min ?? Math.min(prefix, maxItems, possibleItems(context, alternative, prefix))
  const isOpen =
    prefix === 0 || (declared.min ?? 0) > prefix || alternative.some((leaf) => otherItems(leaf) !== undefined)
  const most = isOpen ? maxItems : Math.min(maxItems, prefix)
  if (least > most) return impossible
  if (unique && most > 1) return list(distinctItems(context, alternative, name, least, most))
  let items = itemsFrom(context, alternative, name, prefix, least, most)
  for (let i = Math.min(prefix, most) - 1; i >= 0; i--) {
    const item = context.ruleFor(facts.itemNeed(alternative, i), `${name}-${i}`)
    const written = sequence(i > 0 ? comma : nothing, item, items)
    items = i >= least ? optional(written) : written
  }
  return list(items)
}

function list(items: Expression): Expression {
  const inner = items.kind === 'repeat' && items.min === 0 && items.max === 1 ? items.item : undefined
  const filled = (e: Expression): Expression => sequence(e, rule('ws'))
  return sequence(
    text('['),
    rule('ws'),
    inner === undefined ? filled(items) : optional(filled(inner)),
    text(']'),
  )
}

/** Number of items before one that is impossible. */
function possibleItems({ facts }: CompilerContext, alternative: Alternative, prefix: number): number {
  for (let i = 0; i < prefix; i++)
    if (facts.itemNeed(alternative, i).some(({ place }) => place.schema === false)) return i
  return prefix
}

/** All items from `first` on have the same schema. */
function itemsFrom(
  { facts, ruleFor }: CompilerContext,
  alternative: Alternative,
  name: string,
  first: number,
  least: number,
  most: number,
): Expression {
  if (most <= first) return nothing
  const item = ruleFor(facts.itemNeed(alternative, first), `${name}-item`)
  const following = (min: number, max: number): Expression => repeat(sequence(comma, item), min, max)
  if (first > 0) return following(Math.max(0, least - first), most - first)
  const written = sequence(item, following(Math.max(0, least - 1), most - 1))
  return least === 0 ? optional(written) : written
}

/** Each item of a list at most once, in list order, which is one of the valid orders. */
function distinctItems(
  { facts, alternatives, rules }: CompilerContext,
  alternative: Alternative,
  name: string,
  least: number,
  most: number,
): Expression {
  const { prefix } = facts.arrayOf(alternative)
  const items = prefix > 0 ? [] : alternatives.of(facts.itemNeed(alternative, 0))
  const lists = items.map((item) => listedValues(facts, item))
  const pointer = alternative.find(({ keywords }) => keywords.uniqueItems)!.keywords.pointer
  if (lists.length === 0 || lists.includes(undefined))
    throw schemaUnsupported(`${pointer}/uniqueItems`, 'unique items, unless they are listed by enum or const')
  const values = [
    ...new Map(lists.flatMap((list) => list!).map((value) => [JSON.stringify(value), value])).values(),
  ]
  const cap = Math.min(most, values.length)
  if (values.length * (cap + 1) > 5000)
    throw schemaUnsupported(`${pointer}/uniqueItems`, `unique items out of ${values.length}`)
  const ruleName = (index: number, count: number): string => `${name}--u${index}-${count}`
  for (let count = 0; count <= cap; count++) {
    rules.set(ruleName(values.length, count), count >= least ? nothing : impossible)
    for (let index = values.length - 1; index >= 0; index--) {
      const skip = rule(ruleName(index + 1, count))
      const item = sequence(
        count > 0 ? comma : nothing,
        literal(values[index]),
        rule(ruleName(index + 1, count + 1)),
      )
      rules.set(ruleName(index, count), count === cap ? skip : choice(item, skip))
    }
  }
  return rule(ruleName(0, 0))
}

function listedValues(
  facts: CompilerContext['facts'],
  alternative: Alternative,
): readonly unknown[] | undefined {
  const values = facts.valuesOf(alternative, false)
  if (values !== undefined) return values
  const types = facts.typesOf(alternative, false)
  if (!types.every((type) => type === 'boolean' || type === 'null')) return undefined
  const denied = facts.deniedOf(alternative).values
  return types
    .flatMap((type) => (type === 'null' ? [null] : [true, false]))
    .filter((value) => !denied.includes(value))
}
