/** The patterns of a schema as languages and automata, cached; errors include the schema location. */

import { HadalError } from '@hadal/base'
import { schemaInvalid, schemaTooLarge, schemaUnsupported } from '../errors.ts'
import { GrammarTooLarge } from '../gbnf/rules.ts'
import { type Automaton, acceptsText } from '../language/automaton.ts'
import { automatonOf } from '../language/determinise.ts'
import type { Language } from '../language/language.ts'
import { searchLanguage } from '../language/regex-language.ts'

export class Patterns {
  private readonly languages = new Map<string, Language>()

  /** Texts that contain a match. */
  language(pattern: string, pointer: string): Language {
    const seen = this.languages.get(pattern)
    if (seen !== undefined) return seen
    const language = at(pointer, () => searchLanguage(pattern))
    this.languages.set(pattern, language)
    return language
  }

  automaton(language: Language, pointer: string): Automaton {
    return at(pointer, () => automatonOf(language))
  }

  matches(pattern: string, text: string, pointer: string): boolean {
    return acceptsText(this.automaton(this.language(pattern, pointer), pointer), text)
  }
}

/** Adds the schema location to errors. */
export function at<T>(pointer: string, build: () => T): T {
  try {
    return build()
  } catch (thrown) {
    if (thrown instanceof GrammarTooLarge) throw schemaTooLarge(pointer, thrown.message)
    if (!(thrown instanceof HadalError)) throw thrown
    if (thrown.code === 'regex_unsupported') throw schemaUnsupported(pointer, thrown.message)
    if (thrown.code === 'regex_invalid') throw schemaInvalid(pointer, thrown.message)
    if (thrown.code === 'regex_too_large') throw schemaTooLarge(pointer, thrown.message)
    throw thrown
  }
}
