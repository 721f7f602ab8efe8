/**
 * Combined constraints of an alternative, by type. With `wide` as in the standard; otherwise narrowed where a schema leaves something open
 * that its author hardly intended.
 */

import { schemaUnsupported } from '../errors.ts'
import { intersectBounds, type NumberBounds, unbounded } from '../language/number-bounds.ts'
import type { Admission } from './admits.ts'
import { typeOf } from './admits.ts'
import type { Alternative, Alternatives, Leaf, Need } from './alternatives.ts'
import { type JsonType, jsonTypes, type Keywords } from './keywords.ts'
import type { Place } from './schema-document.ts'

export interface ObjectFacts {
  /** Ordered names: declared ones, then other required ones. */
  readonly names: readonly string[]
  readonly required: ReadonlySet<string>
  readonly min: number
  readonly max: number
}

export interface ArrayFacts {
  /** Number of positional items. */
  readonly prefix: number
  /** Undefined if unspecified. */
  readonly min: number | undefined
  readonly max: number
  readonly unique: boolean
}

export class Facts {
  private readonly alternatives: Alternatives
  private readonly admission: Admission

  constructor(alternatives: Alternatives, admission: Admission) {
    this.alternatives = alternatives
    this.admission = admission
  }

  /** Values that remain if `enum` or `const` lists them. */
  valuesOf(alternative: Alternative, wide: boolean): readonly unknown[] | undefined {
    const [first, ...others] = alternative
      .map(({ keywords }) => keywords)
      .filter(({ values }) => values !== undefined)
    if (first === undefined) return undefined
    const all = [first, ...others, ...alternative.map(({ keywords }) => keywords)]
    return first.values!.filter((value) =>
      all.every((keywords) => this.admission.admitsOwn(keywords, value, wide)),
    )
  }

  /** Without a declared type, the types the keywords apply to are generated. */
  typesOf(alternative: Alternative, wide: boolean): readonly JsonType[] {
    const declared = alternative.flatMap(({ keywords }) =>
      keywords.types === undefined ? [] : [keywords.types],
    )
    const about = new Set(alternative.flatMap(({ keywords }) => [...keywords.about]))
    const candidates = declared.length === 0 && about.size > 0 && !wide ? [...about] : jsonTypes
    return candidates.filter(
      (type) =>
        declared.every((types) => types.includes(type)) && !this.deniedOf(alternative).types.has(type),
    )
  }

  /** What `not` excludes. Supports types and the values of strings, booleans and null; otherwise throws `schema_unsupported`. */
  deniedOf(alternative: Alternative): {
    readonly types: ReadonlySet<JsonType>
    readonly values: readonly unknown[]
  } {
    const types = new Set<JsonType>()
    const values: unknown[] = []
    for (const { keywords } of alternative) {
      if (keywords.not === undefined) continue
      const refused = schemaUnsupported(
        `${keywords.pointer}/not`,
        'a not of anything but types, and of enum and const without numbers, objects and arrays',
      )
      for (const denied of this.alternatives.of([{ place: keywords.not }])) {
        const [leaf, ...more] = denied
        if (leaf === undefined) for (const type of jsonTypes) types.add(type)
        else if (more.length > 0 || leaf.keywords.about.size > 0 || leaf.keywords.not !== undefined)
          throw refused
        else if (leaf.keywords.values !== undefined) {
          values.push(
            ...leaf.keywords.values.filter((value) => this.admission.admitsOwn(leaf.keywords, value, true)),
          )
        } else if (leaf.keywords.bounds.integer) throw refused
        else for (const type of leaf.keywords.types ?? jsonTypes) types.add(type)
      }
      const unsayable = values.some((value) => ['number', 'object', 'array'].includes(typeOf(value)))
      if (unsayable) throw refused
    }
    return { types, values }
  }

  objectOf(alternative: Alternative): ObjectFacts {
    const all = alternative.map(({ keywords }) => keywords)
    const required = new Set(all.flatMap((keywords) => keywords.required))
    const declared = all.flatMap((keywords) => [...keywords.properties.keys()])
    return {
      names: [...new Set([...declared, ...required])],
      required,
      min: Math.max(0, ...all.map((keywords) => keywords.minProperties)),
      max: Math.min(...all.map((keywords) => keywords.maxProperties), Number.POSITIVE_INFINITY),
    }
  }

  memberNeed(alternative: Alternative, name: string): Need {
    return needOf(
      alternative.flatMap(({ keywords, within }) => {
        const places = this.admission.placesOf(keywords, name)
        const { unevaluatedProperties } = keywords
        if (unevaluatedProperties === undefined) return places
        const evaluated = within.some((other) => this.admission.placesOf(other, name).length > 0)
        return evaluated ? places : [unevaluatedProperties]
      }),
    )
  }

  arrayOf(alternative: Alternative): ArrayFacts {
    const all = alternative.map(({ keywords }) => keywords)
    const mins = all.flatMap(({ minItems }) => (minItems === undefined ? [] : [minItems]))
    return {
      prefix: Math.max(0, ...all.map(({ prefixItems }) => prefixItems.length)),
      min: mins.length === 0 ? undefined : Math.max(...mins),
      max: Math.min(...all.map(({ maxItems }) => maxItems), Number.POSITIVE_INFINITY),
      unique: all.some(({ uniqueItems }) => uniqueItems),
    }
  }

  itemNeed(alternative: Alternative, index: number): Need {
    return needOf(
      alternative.flatMap((leaf) => {
        const place = leaf.keywords.prefixItems[index] ?? otherItems(leaf)
        return place === undefined ? [] : [place]
      }),
    )
  }

  boundsOf(alternative: Alternative): NumberBounds {
    return alternative.reduce((bounds, { keywords }) => intersectBounds(bounds, keywords.bounds), unbounded)
  }

  lengthsOf(alternative: Alternative): { readonly min: number; readonly max: number } {
    const all = alternative.map(({ keywords }) => keywords)
    return {
      min: Math.max(0, ...all.map(({ minLength }) => minLength)),
      max: Math.min(...all.map(({ maxLength }) => maxLength), Number.POSITIVE_INFINITY),
    }
  }
}

/** Schemas of items after the positional ones. */
export function otherItems({ keywords, within }: Leaf): Place | undefined {
  const { items, unevaluatedItems, pointer } = keywords
  if (items !== undefined || unevaluatedItems === undefined) return items
  const speaksOfItems = (other: Keywords): boolean =>
    other.items !== undefined || other.prefixItems.length > 0
  if (unevaluatedItems.schema !== true && within.some((other) => other !== keywords && speaksOfItems(other)))
    throw schemaUnsupported(`${pointer}/unevaluatedItems`, 'unevaluatedItems beside other schemas for items')
  return unevaluatedItems
}

/** Omits schemas without constraints. */
export function needOf(places: readonly Place[]): Need {
  const distinct = new Map(places.map((place) => [place.pointer, place]))
  return [...distinct.values()].filter(({ schema }) => schema !== true).map((place) => ({ place }))
}
