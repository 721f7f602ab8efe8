/** The notation of grammars: literals, texts up to a mark, and grammars inside other grammars. */

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

/** Only some characters have an escape of their own there. */
function classMember(char: string): string {
  if (char === '-' || char === '^') return `\\x${char.charCodeAt(0).toString(16)}`
  return char === ']' ? '\\]' : char === '"' ? char : (escapes[char] ?? char)
}

/**
 * Rules for any text up to and with the first `mark`, as the automaton of Knuth, Morris and Pratt: rule `name-k` goes on
 * after the first k characters of the mark. `name` itself begins it.
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

/** How much of the mark is there after `char`, when `state` characters of it were. */
function nextState(chars: readonly string[], state: number, char: string): number {
  const seen = [...chars.slice(0, state), char]
  for (let length = Math.min(seen.length, chars.length); length > 0; length -= 1)
    if (chars.slice(0, length).every((c, at) => c === seen[seen.length - length + at])) return length
  return 0
}

/** The rules of a grammar under names that begin with `prefix`, so that it can stand inside another one. */
export function withPrefix(gbnf: string, prefix: string): string {
  const token = /"(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\]|#[^\n]*|\{[^}]*\}|!?<[^>]*>|[A-Za-z0-9_-]+/gs
  return gbnf.replace(token, (text) => (/^[A-Za-z0-9_-]/.test(text) ? `${prefix}${text}` : text))
}

/** The text of a whole grammar. */
export function grammarText(
  root: Expression,
  rules: ReadonlyMap<string, string>,
  inner: readonly string[],
): string {
  const own = [...rules].map(([name, body]) => `${name} ::= ${body}`)
  return [`root ::= ${root.gbnf}`, ...own, ...inner.map((text) => text.trim())].join('\n')
}
