/**
 * Rules to the text of a GBNF grammar as llama.cpp reads it. Prunes what can never be completed or is never reached,
 * and keeps within what llama.cpp bears: it refuses a repetition that makes 2000 rules, turns larger bounds into "without
 * end" in silence, and walks every leftmost path when it looks for left recursion.
 */

import { type CodePoints, intersectCodePoints, singleCodePoint } from '../language/code-points.ts'
import { choice, type Expression, impossible, isNothing, repeat, sequence } from './expression.ts'

export type Rules = ReadonlyMap<string, Expression>

/** Most elements (characters, references, repeated copies) that one grammar may have once llama.cpp has read it. */
export const maxGrammarElements = 60_000
/** Most paths through first references; llama.cpp walks each of them. */
const maxLeftmostPaths = 200_000
/** Longest repetition written as one; longer ones are written in blocks of this many. */
const block = 1000

/** Why a grammar was not written. */
export class GrammarTooLarge extends Error {}

/** What is left of `rules` once all that can never be completed is gone; undefined when nothing of `root` is. */
export function pruneRules(rules: Rules, root: string): Rules | undefined {
  const productive = new Set<string>()
  const completes = (e: Expression): boolean => {
    switch (e.kind) {
      case 'set':
        return true
      case 'rule':
        return productive.has(e.name)
      case 'sequence':
        return e.items.every(completes)
      case 'choice':
        return e.items.some(completes)
      case 'repeat':
        return e.min === 0 || completes(e.item)
    }
  }
  for (let grew = true; grew; ) {
    grew = false
    for (const [name, body] of rules) {
      if (productive.has(name) || !completes(body)) continue
      productive.add(name)
      grew = true
    }
  }
  if (!productive.has(root)) return undefined
  const prune = (e: Expression): Expression => {
    switch (e.kind) {
      case 'set':
        return e
      case 'rule': {
        if (!productive.has(e.name)) return impossible
        // A rule that is only another's name is left out.
        const body = rules.get(e.name)!
        return body.kind === 'rule' || isNothing(body) ? prune(body) : e
      }
      case 'sequence':
        return sequence(...e.items.map(prune))
      case 'choice':
        return choice(...e.items.map(prune))
      case 'repeat':
        return repeat(prune(e.item), e.min, e.max)
    }
  }
  const kept = new Map<string, Expression>()
  const waiting = [root]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (kept.has(name)) continue
    const body = prune(rules.get(name)!)
    kept.set(name, body)
    waiting.push(...references(body).toReversed())
  }
  return kept
}

/** One line per rule, by name. Throws `GrammarTooLarge`. */
export function writeRules(rules: Rules): Map<string, string> {
  const lines = new Map<string, string>()
  const writer = new Writer()
  for (const [name, body] of rules) {
    lines.set(name, writer.body(name, body))
    for (const [extra, line] of writer.takeExtra()) lines.set(extra, line)
  }
  checkLeftmostPaths(rules)
  return lines
}

/** A text as a quoted GBNF literal. */
export function quote(value: string): string {
  return `"${Array.from(value, (c) => character(c.codePointAt(0)!, '"\\')).join('')}"`
}

class Writer {
  private elements = 0
  private hoisted = 0
  private extra: [string, string][] = []

  takeExtra(): readonly [string, string][] {
    return this.extra.splice(0)
  }

  body(name: string, e: Expression): string {
    return this.write(name, e, 1, 'choice')
  }

  /** `copies`: how often a repetition makes llama.cpp copy this. `within`: what surrounds it, for parentheses. */
  private write(name: string, e: Expression, copies: number, within: Expression['kind']): string {
    switch (e.kind) {
      case 'rule':
        this.count(copies)
        return e.name
      case 'set': {
        const single = singleCodePoint(e.set)
        this.count(single === undefined ? copies * e.set.length * 2 : copies)
        return single === undefined ? writeClass(e.set) : quote(String.fromCodePoint(single))
      }
      case 'sequence': {
        if (e.items.length === 0) return '""'
        const parts: string[] = []
        let literal = ''
        for (const item of e.items) {
          const single = item.kind === 'set' ? singleCodePoint(item.set) : undefined
          if (single !== undefined) {
            this.count(copies)
            literal += String.fromCodePoint(single)
            continue
          }
          if (literal !== '') parts.push(quote(literal))
          literal = ''
          parts.push(this.write(name, item, copies, 'sequence'))
        }
        if (literal !== '') parts.push(quote(literal))
        const line = parts.join(' ')
        return within === 'repeat' ? `(${line})` : line
      }
      case 'choice': {
        const line = e.items.map((item) => this.write(name, item, copies, 'choice')).join(' | ')
        return within === 'choice' ? line : `(${line})`
      }
      case 'repeat':
        return within === 'repeat'
          ? `(${this.repetition(name, e.item, e.min, e.max, copies, 'choice')})`
          : this.repetition(name, e.item, e.min, e.max, copies, within)
    }
  }

  private repetition(
    name: string,
    item: Expression,
    min: number,
    max: number,
    copies: number,
    within: Expression['kind'],
  ): string {
    const bounds = quantifier(min, max)
    const most = max === Number.POSITIVE_INFINITY ? Math.max(1, min) : max
    if (most > 1 && item.kind !== 'set' && item.kind !== 'rule') {
      return this.repetition(name, this.hoist(name, item), min, max, copies, within)
    }
    if (most <= block) return this.write(name, item, copies * most, 'repeat') + bounds

    // Longer than one repetition may be: whole blocks first, then what is left of one.
    if (most > block * block) throw new GrammarTooLarge(`it repeats something ${most} times`)
    const whole = this.hoist(name, { kind: 'repeat', item, min: block, max: block })
    const exactly = (n: number): Expression =>
      sequence(
        repeat(whole, Math.floor(n / block), Math.floor(n / block)),
        repeat(item, n % block, n % block),
      )
    if (max === Number.POSITIVE_INFINITY) {
      return this.write(name, sequence(exactly(min), repeat(item, 0, max)), copies, within)
    }
    const more = max - min
    const blocks = Math.floor(more / block)
    const upTo =
      blocks === 0
        ? repeat(item, 0, more)
        : choice(
            sequence(repeat(whole, 0, blocks - 1), repeat(item, 0, block - 1)),
            sequence(repeat(whole, blocks, blocks), repeat(item, 0, more % block)),
          )
    return this.write(name, sequence(exactly(min), upTo), copies, within)
  }

  private hoist(name: string, item: Expression): Expression {
    this.hoisted += 1
    const hoisted = `${name}--r${this.hoisted}`
    this.extra.push([hoisted, this.body(hoisted, item)])
    return { kind: 'rule', name: hoisted }
  }

  private count(elements: number): void {
    this.elements += elements
    if (this.elements > maxGrammarElements) {
      throw new GrammarTooLarge(`its grammar would have more than ${maxGrammarElements} elements`)
    }
  }
}

function quantifier(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`
  if (min === 0 && max === 1) return '?'
  return min === max ? `{${min}}` : `{${min},${max}}`
}

function writeClass(set: CodePoints): string {
  // A NUL ends llama.cpp's strings: it can neither stand in a grammar nor be matched.
  const ranges = intersectCodePoints(set, [[1, 0x10ffff]])
  const one = (c: number): string => character(c, '[]\\-^')
  return `[${ranges.map(([from, to]) => (from === to ? one(from) : `${one(from)}-${one(to)}`)).join('')}]`
}

function character(c: number, special: string): string {
  if (c === 0x0a) return '\\n'
  if (c === 0x0d) return '\\r'
  if (c === 0x09) return '\\t'
  const hex = (digits: number): string => c.toString(16).toUpperCase().padStart(digits, '0')
  if (c < 0x20 || c === 0x7f) return `\\x${hex(2)}`
  const written = String.fromCodePoint(c)
  if (c < 0x7f) return !special.includes(written) ? written : written === '^' ? '\\x5E' : `\\${written}`
  return c <= 0xffff ? `\\u${hex(4)}` : `\\U${hex(8)}`
}

function references(e: Expression): string[] {
  switch (e.kind) {
    case 'set':
      return []
    case 'rule':
      return [e.name]
    case 'repeat':
      return references(e.item)
    default:
      return e.items.flatMap(references)
  }
}

function checkLeftmostPaths(rules: Rules): void {
  const nullable = new Set<string>()
  const mayBeNothing = (e: Expression): boolean => {
    switch (e.kind) {
      case 'set':
        return false
      case 'rule':
        return nullable.has(e.name)
      case 'sequence':
        return e.items.every(mayBeNothing)
      case 'choice':
        return e.items.some(mayBeNothing)
      case 'repeat':
        return e.min === 0 || mayBeNothing(e.item)
    }
  }
  for (let grew = true; grew; ) {
    grew = false
    for (const [name, body] of rules) {
      if (nullable.has(name) || !mayBeNothing(body)) continue
      nullable.add(name)
      grew = true
    }
  }
  const known = new Map<string, number>()
  const paths = (e: Expression): number => {
    switch (e.kind) {
      case 'set':
        return 1
      case 'rule':
        return 1 + pathsOf(e.name)
      case 'choice':
        return e.items.reduce((sum, item) => sum + paths(item), 0)
      case 'repeat':
        return 1 + paths(e.item)
      case 'sequence': {
        let sum = 0
        for (const item of e.items) {
          sum += paths(item)
          if (!mayBeNothing(item)) break
        }
        return sum
      }
    }
  }
  const pathsOf = (name: string): number => {
    const seen = known.get(name)
    if (seen !== undefined) return seen
    known.set(name, 1)
    const count = paths(rules.get(name)!)
    known.set(name, count)
    if (count > maxLeftmostPaths) throw new GrammarTooLarge('too many of its choices begin alike')
    return count
  }
  for (const name of rules.keys()) pathsOf(name)
}
