/**
 * Regular languages over code points, for regular expressions, formats, number ranges and key names. Unlike grammar expressions they
 * support intersection and complement, which `automaton.ts` resolves.
 */

import { anyOf, choice, type Expression, repeat, sequence } from '../gbnf/expression.ts'
import { type CodePoints, codePointsOf, everyCodePoint } from './code-points.ts'

export type Language =
  | { readonly kind: 'set'; readonly set: CodePoints }
  | { readonly kind: 'sequence'; readonly items: readonly Language[] }
  | { readonly kind: 'choice'; readonly items: readonly Language[] }
  | { readonly kind: 'repeat'; readonly item: Language; readonly min: number; readonly max: number }
  | { readonly kind: 'both'; readonly items: readonly Language[] }
  | { readonly kind: 'not'; readonly item: Language }

export const setOf = (set: CodePoints): Language => ({ kind: 'set', set })
export const inSequence = (...items: readonly Language[]): Language => ({ kind: 'sequence', items })
export const either = (...items: readonly Language[]): Language => ({ kind: 'choice', items })
export const both = (...items: readonly Language[]): Language => ({ kind: 'both', items })
export const not = (item: Language): Language => ({ kind: 'not', item })
export const times = (item: Language, min: number, max: number): Language =>
  min > max ? either() : { kind: 'repeat', item, min, max }
export const word = (text: string): Language => inSequence(...Array.from(text, (c) => setOf(codePointsOf(c))))

/** Only the empty text. */
export const emptyText: Language = inSequence()
/** Any text. */
export const anyText: Language = times(setOf(everyCodePoint), 0, Number.POSITIVE_INFINITY)
/** Texts of `min` to `max` code points. */
export const textOfLength = (min: number, max: number): Language => times(setOf(everyCodePoint), min, max)

/** Converts a plain language to a grammar expression; `encode` writes one character of a set. */
export function toExpression(
  language: Language,
  encode: (set: CodePoints) => Expression = anyOf,
): Expression {
  switch (language.kind) {
    case 'set':
      return encode(language.set)
    case 'sequence':
      return sequence(...language.items.map((item) => toExpression(item, encode)))
    case 'choice':
      return choice(...language.items.map((item) => toExpression(item, encode)))
    case 'repeat':
      return repeat(toExpression(language.item, encode), language.min, language.max)
    default:
      throw new TypeError(`a language with ${language.kind} is not plain`)
  }
}

/** Plain, and no repetition has a nullable body, which grammars do not allow. */
export function isSafelyPlain(language: Language): boolean {
  switch (language.kind) {
    case 'set':
      return true
    case 'both':
    case 'not':
      return false
    case 'repeat':
      return isSafelyPlain(language.item) && !mayBeEmpty(language.item)
    default:
      return language.items.every(isSafelyPlain)
  }
}

function mayBeEmpty(language: Language): boolean {
  switch (language.kind) {
    case 'set':
      return false
    case 'sequence':
      return language.items.every(mayBeEmpty)
    case 'choice':
      return language.items.some(mayBeEmpty)
    case 'repeat':
      return language.min === 0 || mayBeEmpty(language.item)
    default:
      return true
  }
}

/**
 * Restricts to `min` to `max` code points by adjusting bounds, if only one part has variable length and repeats one set. Otherwise
 * undefined.
 */
export function foldLength(language: Language, min: number, max: number): Language | undefined {
  if (min === 0 && max === Number.POSITIVE_INFINITY) return language
  const items = flatten(language)
  const varying = items.filter((item) => item.kind !== 'set')
  const [part] = varying
  if (part?.kind !== 'repeat' || varying.length > 1 || part.item.kind !== 'set') return undefined
  const fixed = items.length - 1
  const low = Math.max(part.min, min - fixed)
  const high = Math.min(part.max, max - fixed)
  return low > high
    ? either()
    : inSequence(...items.map((item) => (item === part ? times(part.item, low, high) : item)))
}

function flatten(language: Language): readonly Language[] {
  return language.kind === 'sequence' ? language.items.flatMap(flatten) : [language]
}
