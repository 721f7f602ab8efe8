/** GBNF building blocks: literals, texts up to a marker, and embedded grammars. */

import type { Expression, Term } from './call-grammar.ts'

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

export function literal(text: string): string {
  return `"${text.replace(/["\\\n\r\t]/g, (char) => escapes[char]!)}"`
}

export function termText(term: Term): string {
  return typeof term === 'string' ? literal(term) : term.gbnf
}

/** Escapes a character of a GBNF character class; only some have a short escape. */
function classMember(char: string): string {
  if (char === '-' || char === '^') return `\\x${char.charCodeAt(0).toString(16)}`
  return char === ']' ? '\\]' : char === '"' ? char : (escapes[char] ?? char)
}

/**
 * Rules for any text up to and including the first `mark`, as a Knuth-Morris-Pratt automaton: rule `name-k` continues after the first k
 * characters of the marker. `name` is the start.
 */
export function untilRules(name: string, mark: string): Map<string, string> {
  const chars = Array.from(mark)
  const alphabet = [...new Set(chars)]
  const ruleOf = (state: number): string => (state === 0 ? name : `${name}-${state}`)
  const rules = new Map<string, string>()
  for (let state = 0; state < chars.length; state += 1) {
    const targets = new Map<number, string[]>()
    for (const char of alphabet) {
      const next = nextState(chars, state, char)
      if (next > 0) targets.set(next, [...(targets.get(next) ?? []), char])
    }
    const leaving = [...targets.values()].flat()
    const others = `[^${leaving.map(classMember).join('')}] ${ruleOf(0)}`
    const steps = [...targets].map(([next, members]) => {
      const step = `[${members.map(classMember).join('')}]`
      return next === chars.length ? step : `${step} ${ruleOf(next)}`
    })
    rules.set(ruleOf(state), [...steps, others].join(' | '))
  }
  return rules
}

/** Matched length of the marker after `char`, from `state` matched characters. */
function nextState(chars: readonly string[], state: number, char: string): number {
  const seen = [...chars.slice(0, state), char]
  for (let length = Math.min(seen.length, chars.length); length > 0; length -= 1)
    if (chars.slice(0, length).every((c, at) => c === seen[seen.length - length + at])) return length
  return 0
}

/** Prefixes all rule names of a grammar, so that it can be embedded in another. */
export function withPrefix(gbnf: string, prefix: string): string {
  const token = /"(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\]|#[^\n]*|\{[^}]*\}|!?<[^>]*>|[A-Za-z0-9_-]+/gs
  return gbnf.replace(token, (text) => (/^[A-Za-z0-9_-]/.test(text) ? `${prefix}${text}` : text))
}

/** The text of a complete grammar. */
export function grammarText(
  root: Expression,
  rules: ReadonlyMap<string, string>,
  inner: readonly string[],
): string {
  const own = [...rules].map(([name, body]) => `${name} ::= ${body}`)
  return [`root ::= ${root.gbnf}`, ...own, ...inner.map((text) => text.trim())].join('\n')
}
