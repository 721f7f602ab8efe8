/** Strings: patterns, formats and lengths combined to one language, written with JSON escapes. */

import { schemaTooLarge, schemaUnsupported } from '../errors.ts'
import { anyOf, type Expression, repeat, rule, sequence, text } from '../gbnf/expression.ts'
import { jsonCharacter } from '../gbnf/json-rules.ts'
import { automatonRules } from '../language/automaton.ts'
import { type CodePoints, everyCodePoint } from '../language/code-points.ts'
import { formatLanguage, isImplied, isNameOfPattern, knownFormats } from '../language/formats.ts'
import {
  anyText,
  both,
  either,
  foldLength,
  isSafelyPlain,
  type Language,
  not,
  textOfLength,
  toExpression,
  word,
} from '../language/language.ts'
import { maxStates } from '../language/minimise.ts'
import { shorten, widthsOf } from '../language/shorten.ts'
import type { Alternative } from './alternatives.ts'
import type { CompilerContext } from './compiler-context.ts'
import { at } from './patterns.ts'

const quoteMark = text('"')

export function writeString(context: CompilerContext, alternative: Alternative, name: string): Expression {
  const { min, max } = context.facts.lengthsOf(alternative)
  const languages = languagesOf(context, alternative)
  if (languages.length === 0) {
    if (min === 0 && max === Number.POSITIVE_INFINITY) return rule('json-string')
    return sequence(quoteMark, repeat(rule('json-char'), min, max), quoteMark)
  }
  const pointer = alternative[0]?.keywords.pointer ?? ''
  const [only, ...others] = languages
  const alone = others.length === 0 ? only : undefined
  const folded = alone === undefined ? undefined : foldLength(alone, min, max)
  if (folded !== undefined) return writeText(context, folded, name, pointer)
  try {
    const longest = max === Number.POSITIVE_INFINITY ? min : max
    if (longest >= maxStates)
      throw schemaTooLarge(pointer, `strings of ${longest} characters that match a pattern`)
    return writeText(context, both(...languages, textOfLength(min, max)), name, pointer)
  } catch (thrown) {
    // Counting every character is too expensive, so only texts that are certainly short enough are generated.
    const shorter = alone === undefined ? undefined : shorten(alone, max)
    if (shorter === undefined || widthsOf(shorter)!.least < min) throw thrown
    return writeText(context, shorter, name, pointer)
  }
}

/** A JSON string with a text of the language. */
export function writeText(
  context: CompilerContext,
  language: Language,
  name: string,
  pointer: string,
): Expression {
  const encode = (set: CodePoints): Expression => encodedSet(context, set)
  const body = at(pointer, () =>
    isSafelyPlain(language)
      ? toExpression(language, encode)
      : automatonRules(context.patterns.automaton(language, pointer), name, context.rules, encode),
  )
  return sequence(quoteMark, body, quoteMark)
}

/** All constraints on strings other than lengths. */
export function languagesOf(context: CompilerContext, alternative: Alternative): readonly Language[] {
  const languages: Language[] = []
  const hasPattern = alternative.some(({ keywords }) => keywords.pattern !== undefined)
  for (const { keywords } of alternative) {
    const { pattern, format, pointer } = keywords
    if (pattern !== undefined && !(format !== undefined && isImplied(pattern, format)))
      languages.push(context.patterns.language(pattern, `${pointer}/pattern`))
    if (format === undefined || (isNameOfPattern(format) && hasPattern)) continue
    const language = formatLanguage(format)
    if (language === undefined)
      throw schemaUnsupported(
        `${pointer}/format`,
        `the format ${JSON.stringify(format)}; known are ${knownFormats.join(', ')}`,
      )
    if (language !== null) languages.push(language)
  }
  const denied = context.facts.deniedOf(alternative).values.filter((value) => typeof value === 'string')
  if (denied.length > 0) languages.push(not(either(...denied.map(word))))
  return languages
}

/** The strings that satisfy the need, for property names. */
export function textsOf(context: CompilerContext, alternatives: readonly Alternative[]): Language {
  const texts = alternatives.map((alternative): Language => {
    const values = context.facts.valuesOf(alternative, false)
    if (values !== undefined) return either(...values.filter((value) => typeof value === 'string').map(word))
    if (!context.facts.typesOf(alternative, true).includes('string')) return either()
    const { min, max } = context.facts.lengthsOf(alternative)
    const languages = languagesOf(context, alternative)
    if (languages.length === 0 && min === 0 && max === Number.POSITIVE_INFINITY) return anyText
    return both(...languages, textOfLength(min, max))
  })
  return texts.includes(anyText) ? anyText : either(...texts)
}

/** One character of the set in a string; large sets get their own rules. */
function encodedSet(context: CompilerContext, set: CodePoints): Expression {
  if (
    set.length === everyCodePoint.length &&
    set.every(([from, to], i) => sameRange([from, to], everyCodePoint[i]!))
  )
    return rule('json-char')
  const written = jsonCharacter(set)
  if (written.kind === 'set' && set.length <= 8) return anyOf(written.set)
  const key = set.join(';')
  let name = context.sets.get(key)
  if (name === undefined) {
    name = `json-set-${context.sets.size + 1}`
    context.sets.set(key, name)
    context.rules.set(name, written)
  }
  return rule(name)
}

function sameRange(a: readonly [number, number], b: readonly [number, number]): boolean {
  return a[0] === b[0] && a[1] === b[1]
}
