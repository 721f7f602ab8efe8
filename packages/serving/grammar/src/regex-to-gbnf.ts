/** Converts a regular expression to a grammar in llama.cpp's notation (GBNF). */

import { regexInvalid, regexTooLarge } from './errors.ts'
import { anyOf, type Expression } from './gbnf/expression.ts'
import { pruneRules } from './gbnf/prune-rules.ts'
import { GrammarTooLarge } from './gbnf/rules.ts'
import { writeRules } from './gbnf/write-gbnf.ts'
import { automatonRules } from './language/automaton.ts'
import { type CodePoints, intersectCodePoints } from './language/code-points.ts'
import { automatonOf } from './language/determinise.ts'
import { isSafelyPlain, toExpression } from './language/language.ts'
import { wholeTextLanguage } from './language/regex-language.ts'

/**
 * The grammar of texts that the pattern matches entirely, with or without anchors; its root rule is `root`. Patterns use ECMAScript syntax
 * with the `u` flag.
 *
 * Throws `regex_invalid`, `regex_unsupported` (lookbehind, back references, word boundaries) and `regex_too_large`.
 *
 * @example
 * ```ts
 * import { regexToGbnf } from '@hadal/grammar'
 *
 * regexToGbnf('^[a-f]{2}$') // → 'root ::= [a-f]{2}\n'
 * regexToGbnf('(a)\\1') // throws regex_unsupported
 * ```
 */
export function regexToGbnf(pattern: string): string {
  const language = wholeTextLanguage(pattern)
  const rules = new Map<string, Expression>()
  try {
    const root = isSafelyPlain(language)
      ? toExpression(language, character)
      : automatonRules(automatonOf(language), 'text', rules, character)
    rules.set('root', root)
    const kept = pruneRules(rules, 'root')
    if (kept === undefined) throw regexInvalid(pattern, 0, 'no text matches it')
    return [...writeRules(kept)].map(([name, body]) => `${name} ::= ${body}\n`).join('')
  } catch (thrown) {
    throw thrown instanceof GrammarTooLarge ? regexTooLarge(pattern, thrown.message) : thrown
  }
}

/** NUL cannot be matched, because it ends llama.cpp's strings. */
function character(set: CodePoints): Expression {
  return anyOf(intersectCodePoints(set, [[1, 0x10ffff]]))
}
