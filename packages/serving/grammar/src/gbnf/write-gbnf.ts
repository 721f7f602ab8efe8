/**
 * Serializes rules to GBNF. Observes llama.cpp's limits: it rejects repetitions that expand to 2000 rules, and silently treats larger
 * bounds as unbounded.
 */

import { singleCodePoint } from '../language/code-points.ts'
import { checkLeftmostPaths } from './check-leftmost-paths.ts'
import { choice, type Expression, repeat, sequence } from './expression.ts'
import { GrammarTooLarge, type Rules } from './rules.ts'
import { quote, writeClass } from './write-characters.ts'

/** Maximum elements (characters, references, repeated copies) of a grammar after expansion by llama.cpp. */
const maxGrammarElements = 60_000
/** Maximum repetition written directly; longer ones are split into blocks of this size. */
const block = 1000

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

  /** `copies`: how often enclosing repetitions make llama.cpp copy this. `within`: the enclosing expression, for parentheses. */
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

    // Longer repetitions: whole blocks, then the remainder.
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
