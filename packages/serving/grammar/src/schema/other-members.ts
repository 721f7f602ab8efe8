/** Members not listed in `properties`: allowed names, by patterns and `propertyNames`, and the schemas of their values. */

import { schemaTooLarge } from '../errors.ts'
import { choice, type Expression, impossible, rule, sequence, text } from '../gbnf/expression.ts'
import { isEmptyAutomaton } from '../language/automaton.ts'
import { anyText, both, either, type Language, not, word } from '../language/language.ts'
import type { Alternative, Need } from './alternatives.ts'
import type { CompilerContext } from './compiler-context.ts'
import { needOf } from './facts.ts'
import type { Keywords } from './keywords.ts'
import type { Place } from './schema-document.ts'
import { textsOf, writeText } from './write-string.ts'

/** Names that match the same patterns. */
interface NameClass {
  readonly languages: readonly Language[]
  readonly matched: ReadonlySet<Place>
}

const maxClasses = 32

/** One such member; impossible if there is none. */
export function writeOtherMembers(
  context: CompilerContext,
  alternative: Alternative,
  name: string,
  listed: readonly string[],
): Expression {
  const pointer = alternative[0]?.keywords.pointer ?? ''
  const common = commonNames(context, alternative, listed)
  const members = classesOf(context, alternative, common, pointer).map(({ languages, matched }, index) => {
    const need = valueNeed(alternative, matched)
    if (need === undefined) return impossible
    const value = context.ruleFor(need, `${name}-value`)
    const isFree = languages.length === 0
    const key = isFree
      ? rule('json-string')
      : writeText(context, both(...languages), `${name}--k${index}`, pointer)
    return sequence(key, text(':'), rule('ws'), value)
  })
  return choice(...members)
}

/** Constraints on all these names. */
function commonNames(
  context: CompilerContext,
  alternative: Alternative,
  listed: readonly string[],
): Language[] {
  const languages = alternative.flatMap(({ keywords: { propertyNames } }) => {
    if (propertyNames === undefined) return []
    const texts = textsOf(context, context.alternatives.of([{ place: propertyNames }]))
    return texts === anyText ? [] : [texts]
  })
  return listed.length === 0 ? languages : [...languages, not(either(...listed.map(word)))]
}

function classesOf(
  context: CompilerContext,
  alternative: Alternative,
  common: readonly Language[],
  pointer: string,
): readonly NameClass[] {
  let classes: readonly NameClass[] = [{ languages: common, matched: new Set() }]
  for (const { keywords } of alternative) {
    for (const [pattern, place] of keywords.patternProperties) {
      const language = context.patterns.language(pattern, place.pointer)
      classes = classes.flatMap(({ languages, matched }) => [
        { languages: [...languages, language], matched: new Set([...matched, place]) },
        { languages: [...languages, not(language)], matched },
      ])
      classes = classes.filter(
        ({ languages }) => !isEmptyAutomaton(context.patterns.automaton(both(...languages), pointer)),
      )
      if (classes.length > maxClasses)
        throw schemaTooLarge(pointer, 'its patternProperties overlap in too many ways')
    }
  }
  return classes
}

/** Undefined: no member may have such a name. */
function valueNeed(alternative: Alternative, matched: ReadonlySet<Place>): Need | undefined {
  const matchedBy = ({ patternProperties }: Keywords): Place[] =>
    [...patternProperties.values()].filter((place) => matched.has(place))
  const evaluates = (keywords: Keywords): boolean =>
    keywords.additionalProperties !== undefined || matchedBy(keywords).length > 0
  const places = alternative.flatMap(({ keywords, within }) => {
    const own = matchedBy(keywords)
    if (own.length > 0) return own
    if (keywords.additionalProperties !== undefined) return [keywords.additionalProperties]
    const { unevaluatedProperties } = keywords
    return unevaluatedProperties === undefined || within.some(evaluates) ? [] : [unevaluatedProperties]
  })
  if (places.some(({ schema }) => schema === false)) return undefined
  // If some names are described and others are not mentioned, no others are generated.
  const describesNames = alternative.some(
    ({ keywords }) => keywords.properties.size > 0 || keywords.patternProperties.size > 0,
  )
  return places.length === 0 && describesNames ? undefined : needOf(places)
}
