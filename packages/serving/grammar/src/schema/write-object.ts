/**
 * Objects: declared members in order, then those covered only by patterns and `additionalProperties`. A declared name is generated only in
 * its position, so that nothing can override it.
 */

import { schemaTooLarge, schemaUnsupported } from '../errors.ts'
import {
  choice,
  type Expression,
  impossible,
  isImpossible,
  nothing,
  optional,
  repeat,
  rule,
  sequence,
  text,
} from '../gbnf/expression.ts'
import { memberName } from '../gbnf/json-rules.ts'
import type { Alternative } from './alternatives.ts'
import type { CompilerContext } from './compiler-context.ts'
import { writeOtherMembers } from './other-members.ts'

const comma = sequence(text(','), rule('ws'))
/** Maximum rules per object for optional members and counting. */
const maxStates = 5000
const maxNames = 1000
/** Optional members per rule. */
const block = 16

export function writeObject(context: CompilerContext, alternative: Alternative, name: string): Expression {
  return new ObjectWriter(context, alternative, name).write()
}

interface Member {
  readonly written: Expression
  readonly required: boolean
}

class ObjectWriter {
  private readonly context: CompilerContext
  private readonly name: string
  private readonly members: readonly Member[]
  private readonly others: Expression
  private readonly min: number
  private readonly max: number
  /** Members are counted up to this number. */
  private readonly cap: number

  constructor(context: CompilerContext, alternative: Alternative, name: string) {
    const { names, required, min, max } = context.facts.objectOf(alternative)
    const pointer = alternative[0]?.keywords.pointer ?? ''
    if (names.length > maxNames) throw schemaTooLarge(pointer, `it has more than ${maxNames} properties`)
    this.context = context
    this.name = name
    this.min = min <= required.size ? 0 : min
    this.max = max
    this.members = names.map((own) => {
      const need = context.facts.memberNeed(alternative, own)
      const value = isAllowedName(context, alternative, own)
        ? context.ruleFor(need, `${name}-${own}`)
        : impossible
      return { written: sequence(memberName(own), value), required: required.has(own) }
    })
    this.others = writeOtherMembers(context, alternative, name, names)
    const counted = max === Number.POSITIVE_INFINITY ? this.min : max
    this.cap = Math.max(1, Math.min(names.length, counted))
    if (this.cap * names.length > maxStates)
      throw schemaTooLarge(pointer, 'bounds on the number of so many properties')
    // Another name could be repeated, and duplicates count once.
    if (this.min > required.size + 1 && !isImpossible(this.others)) {
      const bounding =
        alternative.find(({ keywords }) => keywords.minProperties === min)?.keywords.pointer ?? ''
      throw schemaUnsupported(`${bounding}/minProperties`, 'that many properties whose names are not listed')
    }
  }

  write(): Expression {
    const inner = this.from(0, 0)
    return sequence(text('{'), rule('ws'), inner, text('}'))
  }

  /** Members from `index` on, with `count` written so far. Ends with the space before the brace, if anything was written. */
  private from(index: number, count: number): Expression {
    const member = this.members[index]
    if (member === undefined) return this.end(count)
    const next = Math.min(count + 1, this.cap)
    const written = sequence(count > 0 ? comma : nothing, member.written)
    const isFull = count >= this.max
    if (member.required) return isFull ? impossible : sequence(written, this.from(index + 1, next))
    if (isFull) return this.from(index + 1, count)
    if (next === count) {
      const isLong = (index + 1) % block === 0 || this.context.rules.has(this.stateName(index + 1, count))
      return sequence(optional(written), isLong ? this.state(index + 1, count) : this.from(index + 1, count))
    }
    const without = count === 0 ? this.from(index + 1, 0) : this.state(index + 1, count)
    return choice(sequence(written, this.state(index + 1, next)), without)
  }

  /** The same as a shared rule, because several members lead there. */
  private state(index: number, count: number): Expression {
    const name = this.stateName(index, count)
    if (!this.context.rules.has(name)) {
      this.context.rules.set(name, nothing)
      this.context.rules.set(name, this.from(index, count))
    }
    return rule(name)
  }

  private stateName(index: number, count: number): string {
    return `${this.name}--m${index}-${count}`
  }

  private end(count: number): Expression {
    const close = rule('ws')
    const least = Math.max(0, this.min - count)
    const most = this.max - count
    if (least > 1) return impossible
    const others = repeat(sequence(comma, this.others), 0, Math.max(0, most - (count > 0 ? 0 : 1)))
    if (count > 0) return sequence(least > 0 ? repeat(sequence(comma, this.others), 1, most) : others, close)
    const written = most < 1 ? impossible : sequence(this.others, others, close)
    return least > 0 ? written : choice(written, nothing)
  }
}

function isAllowedName({ admission }: CompilerContext, alternative: Alternative, name: string): boolean {
  return alternative.every(
    ({ keywords: { propertyNames } }) =>
      propertyNames === undefined || admission.admits(propertyNames, name, false),
  )
}
