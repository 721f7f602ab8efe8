/**
 * Validates values: an `enum` alongside other keywords is reduced to the values that satisfy all of them. With `wide`, formats enforced
 * more narrowly than their standard accept any text.
 */

import { isPlainObject } from '@hadal/base'
import { schemaUnsupported } from '../errors.ts'
import { acceptsText } from '../language/automaton.ts'
import { formatLanguage, isImplied } from '../language/formats.ts'
import { isMultipleOf } from '../language/multiples.ts'
import { isWithin } from '../language/number-bounds.ts'
import type { Alternatives } from './alternatives.ts'
import type { JsonType, Keywords } from './keywords.ts'
import type { Patterns } from './patterns.ts'
import { sameJson } from './same-json.ts'
import type { Place } from './schema-document.ts'

export class Admission {
  private readonly alternatives: Alternatives
  private readonly patterns: Patterns

  constructor(alternatives: Alternatives, patterns: Patterns) {
    this.alternatives = alternatives
    this.patterns = patterns
  }

  admits(place: Place, value: unknown, wide: boolean): boolean {
    const keywords = this.alternatives.keywordsOf(place)
    const holds = (other: Place): boolean => this.admits(other, value, wide)
    return (
      this.admitsOwn(keywords, value, wide) &&
      keywords.also.every(holds) &&
      keywords.anyOf.every((branches) => branches.some(holds)) &&
      (keywords.oneOf === undefined || keywords.oneOf.filter(holds).length === 1)
    )
  }

  /** Ignores combining keywords. */
  admitsOwn(keywords: Keywords, value: unknown, wide: boolean): boolean {
    const { types, values, not } = keywords
    if (types !== undefined && !types.includes(typeOf(value))) return false
    if (values !== undefined && !values.some((one) => sameJson(one, value))) return false
    if (not !== undefined && this.admits(not, value, true)) return false
    if (typeof value === 'string') return this.admitsText(keywords, value, wide)
    if (typeof value === 'number') return admitsNumber(keywords, value)
    if (Array.isArray(value)) return this.admitsItems(keywords, value, wide)
    return isPlainObject(value) ? this.admitsMembers(keywords, value, wide) : true
  }

  admitsText(keywords: Keywords, text: string, wide: boolean): boolean {
    const { pointer, pattern, format, minLength, maxLength } = keywords
    const length = Array.from(text).length
    if (length < minLength || length > maxLength) return false
    if (
      pattern !== undefined &&
      !isImplied(pattern, format ?? '') &&
      !this.patterns.matches(pattern, text, `${pointer}/pattern`)
    )
      return false
    const language = format === undefined || wide ? null : formatLanguage(format)
    return language == null || acceptsText(this.patterns.automaton(language, `${pointer}/format`), text)
  }

  private admitsItems(keywords: Keywords, items: readonly unknown[], wide: boolean): boolean {
    const { prefixItems, minItems = 0, maxItems, uniqueItems, unevaluatedItems } = keywords
    if (unevaluatedItems !== undefined && unevaluatedItems.schema !== true)
      throw schemaUnsupported(
        `${keywords.pointer}/unevaluatedItems`,
        'unevaluatedItems beside an enum of arrays',
      )
    return (
      items.length >= minItems &&
      items.length <= maxItems &&
      !(uniqueItems && items.some((item, i) => items.slice(0, i).some((other) => sameJson(item, other)))) &&
      items.every((item, i) => {
        const place = prefixItems[i] ?? keywords.items
        return place === undefined || this.admits(place, item, wide)
      })
    )
  }

  private admitsMembers(keywords: Keywords, value: Record<string, unknown>, wide: boolean): boolean {
    const { pointer, required, minProperties, maxProperties, propertyNames, unevaluatedProperties } = keywords
    if (unevaluatedProperties !== undefined && unevaluatedProperties.schema !== true)
      throw schemaUnsupported(
        `${pointer}/unevaluatedProperties`,
        'unevaluatedProperties beside an enum of objects',
      )
    const names = Object.keys(value)
    return (
      names.length >= minProperties &&
      names.length <= maxProperties &&
      required.every((name) => Object.hasOwn(value, name)) &&
      names.every(
        (name) =>
          (propertyNames === undefined || this.admits(propertyNames, name, wide)) &&
          this.placesOf(keywords, name).every((place) => this.admits(place, value[name], wide)),
      )
    )
  }

  /** Subschemas that apply to a member of this name. */
  placesOf(keywords: Keywords, name: string): Place[] {
    const own = keywords.properties.get(name)
    const places = own === undefined ? [] : [own]
    for (const [pattern, place] of keywords.patternProperties)
      if (this.patterns.matches(pattern, name, place.pointer)) places.push(place)
    if (places.length === 0 && keywords.additionalProperties !== undefined)
      places.push(keywords.additionalProperties)
    return places
  }
}

export function typeOf(value: unknown): JsonType {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : (typeof value as JsonType)
}

function admitsNumber({ bounds, multipleOf }: Keywords, value: number): boolean {
  return isWithin(bounds, value) && (multipleOf === undefined || isMultipleOf(value, multipleOf))
}
