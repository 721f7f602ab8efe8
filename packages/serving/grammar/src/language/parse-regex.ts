/** Parses ECMAScript patterns (with the `u` flag) to a syntax tree. The semantics of anchors and lookahead are in `regex-language.ts`. */

import { regexTooLarge } from '../errors.ts'
import { type CodePoints, codePointsOf, negateCodePoints } from './code-points.ts'
import { characterClass, escaped, lineEnds } from './pattern-characters.ts'
import { PatternCursor } from './pattern-cursor.ts'

export type RegexNode =
  | { readonly kind: 'set'; readonly set: CodePoints }
  | { readonly kind: 'sequence'; readonly items: readonly RegexNode[] }
  | { readonly kind: 'choice'; readonly items: readonly RegexNode[] }
  | {
      readonly kind: 'repeat'
      readonly item: RegexNode
      readonly min: number
      readonly max: number
      readonly position: number
    }
  | { readonly kind: 'start' | 'end'; readonly position: number }
  | {
      readonly kind: 'lookahead'
      readonly item: RegexNode
      readonly negated: boolean
      readonly position: number
    }

/** Deeper groups are rejected before they exhaust the stack. */
const maxDepth = 100

const maxLength = 4000

export function parseRegex(pattern: string): RegexNode {
  if (pattern.length > maxLength) {
    throw regexTooLarge(`${pattern.slice(0, 40)}...`, `it is longer than ${maxLength} characters`)
  }
  return new RegexParser(pattern).parse()
}

class RegexParser extends PatternCursor {
  private depth = 0

  parse(): RegexNode {
    const node = this.alternatives()
    if (!this.isAtEnd) throw this.invalid('a ) that closes nothing')
    return node
  }

  private alternatives(): RegexNode {
    const items = [this.alternative()]
    while (this.take('|')) items.push(this.alternative())
    return items.length === 1 ? items[0]! : { kind: 'choice', items }
  }

  private alternative(): RegexNode {
    const items: RegexNode[] = []
    while (!this.isAtEnd && !this.sees('|') && !this.sees(')')) items.push(this.term())
    return items.length === 1 ? items[0]! : { kind: 'sequence', items }
  }

  private term(): RegexNode {
    const start = this.position
    const node = this.atom()
    const bounds = this.quantifier()
    if (bounds === undefined) return node
    if (node.kind === 'start' || node.kind === 'end' || node.kind === 'lookahead') {
      throw this.invalid('a quantifier after an assertion', start)
    }
    return { kind: 'repeat', item: node, min: bounds[0], max: bounds[1], position: start }
  }

  private atom(): RegexNode {
    const position = this.position
    if (this.take('^')) return { kind: 'start', position }
    if (this.take('$')) return { kind: 'end', position }
    if (this.take('.')) return { kind: 'set', set: negateCodePoints(lineEnds) }
    if (this.take('(')) return this.group(position)
    if (this.take('[')) return { kind: 'set', set: characterClass(this, position) }
    if (this.take('\\')) return { kind: 'set', set: escaped(this, position) }
    if (this.sees('*') || this.sees('+') || this.sees('?'))
      throw this.invalid('a quantifier with nothing before it')
    return { kind: 'set', set: codePointsOf(this.nextCharacter()) }
  }

  private group(position: number): RegexNode {
    if (++this.depth > maxDepth) throw this.unsupported(`groups nested deeper than ${maxDepth}`, position)
    const named = /^\?P?<[A-Za-z_$][\w$]*>/.exec(this.pattern.slice(this.position))
    let lookahead: boolean | undefined
    if (named !== null) this.position += named[0].length
    else if (this.take('?=')) lookahead = false
    else if (this.take('?!')) lookahead = true
    else if (this.sees('?<=') || this.sees('?<!')) throw this.unsupported('lookbehind', position)
    else if (this.sees('?') && !this.take('?:')) throw this.unsupported('this kind of group', position)
    const item = this.alternatives()
    if (!this.take(')')) throw this.invalid('a group that is not closed', position)
    this.depth--
    return lookahead === undefined ? item : { kind: 'lookahead', item, negated: lookahead, position }
  }

  /** Undefined if no quantifier follows. */
  private quantifier(): readonly [min: number, max: number] | undefined {
    const start = this.position
    let bounds: readonly [number, number] | undefined
    if (this.take('*')) bounds = [0, Number.POSITIVE_INFINITY]
    else if (this.take('+')) bounds = [1, Number.POSITIVE_INFINITY]
    else if (this.take('?')) bounds = [0, 1]
    else {
      const braces = /^\{(\d+)(?:(,)(\d*))?\}/.exec(this.pattern.slice(this.position, this.position + 50))
      if (braces === null) return undefined
      this.position += braces[0].length
      const min = Number(braces[1])
      const max =
        braces[2] === undefined ? min : braces[3] === '' ? Number.POSITIVE_INFINITY : Number(braces[3])
      if (max < min) throw this.invalid('bounds out of order', start)
      bounds = [min, max]
    }
    this.take('?') // Lazy and greedy quantifiers match the same language.
    return bounds
  }
}
