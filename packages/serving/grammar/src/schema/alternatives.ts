/**
 * Expands a schema to alternatives without `$ref`, `allOf`, `anyOf` and `oneOf`: a value is valid if it satisfies all keywords of one of
 * them. These are compiled, tested for emptiness and matched against values.
 */

import { schemaInvalid, schemaTooLarge } from '../errors.ts'
import { type Keywords, noKeywords } from './keywords.ts'
import { readKeywords } from './read-keywords.ts'
import type { Place, SchemaDocument } from './schema-document.ts'

/** Keywords of one schema, without combining ones. */
export interface Leaf {
  readonly keywords: Keywords
  /** Scope of its `unevaluatedProperties` and `unevaluatedItems`: itself and what it references. */
  readonly within: readonly Keywords[]
}

export type Alternative = readonly Leaf[]

/** Schemas that must all hold for a value. With `ownOnly`, combining keywords are ignored. */
export type Need = readonly { readonly place: Place; readonly ownOnly?: boolean }[]

/** Maximum alternatives per value. */
const maxAlternatives = 1000
const maxReferences = 200

export class Alternatives {
  private readonly document: SchemaDocument
  private readonly read = new Map<string, Keywords>()
  private readonly expanded = new Map<string, readonly Alternative[]>()
  private readonly open = new Set<string>()
  /** Places with a `oneOf` whose branches must be proved exclusive. */
  readonly exclusive: Map<string, Place> = new Map<string, Place>()

  constructor(document: SchemaDocument) {
    this.document = document
  }

  keywordsOf(place: Place): Keywords {
    const seen = this.read.get(place.pointer)
    if (seen !== undefined) return seen
    const keywords = readKeywords(this.document, place)
    this.read.set(place.pointer, keywords)
    return keywords
  }

  of(need: Need): readonly Alternative[] {
    return need.reduce<readonly Alternative[]>(
      (all, { place, ownOnly }) =>
        multiply(
          all,
          ownOnly === true ? [ownLeaves(this.keywordsOf(place))] : this.ofPlace(place),
          place.pointer,
        ),
      [[]],
    )
  }

  private ofPlace(place: Place): readonly Alternative[] {
    const { pointer } = place
    const seen = this.expanded.get(pointer)
    if (seen !== undefined) return seen
    if (this.open.has(pointer))
      throw schemaInvalid(pointer, 'it refers to itself for the same value, without end')
    if (this.open.size >= maxReferences)
      throw schemaTooLarge(pointer, `more than ${maxReferences} references in a row`)
    this.open.add(pointer)
    try {
      const alternatives = this.expand(place)
      this.expanded.set(pointer, alternatives)
      return alternatives
    } finally {
      this.open.delete(pointer)
    }
  }

  private expand(place: Place): readonly Alternative[] {
    const keywords = this.keywordsOf(place)
    let all: readonly Alternative[] = place.schema === true ? [[]] : [ownLeaves(keywords)]
    for (const other of keywords.also) all = multiply(all, this.ofPlace(other), place.pointer)
    for (const branches of keywords.anyOf)
      all = multiply(
        all,
        branches.flatMap((branch) => this.ofPlace(branch)),
        place.pointer,
      )
    if (keywords.oneOf !== undefined) {
      this.exclusive.set(place.pointer, place)
      all = multiply(
        all,
        keywords.oneOf.flatMap((branch) => this.ofPlace(branch)),
        place.pointer,
      )
    }
    if (keywords.unevaluatedProperties === undefined && keywords.unevaluatedItems === undefined) return all
    return all.map((leaves) => {
      const within = leaves.map((leaf) => leaf.keywords)
      return leaves.map((leaf) => (leaf.keywords === keywords ? { keywords, within } : leaf))
    })
  }
}

function ownLeaves(keywords: Keywords): Alternative {
  const own = { keywords, within: [keywords] }
  if (keywords.discriminator === undefined) return [own]
  // Must be required in every branch, because it distinguishes them.
  const { pointer, discriminator } = keywords
  const required = { ...noKeywords(`${pointer}/discriminator`), required: [discriminator] }
  return [own, { keywords: required, within: [required] }]
}

function multiply(
  left: readonly Alternative[],
  right: readonly Alternative[],
  pointer: string,
): readonly Alternative[] {
  const all: Alternative[] = []
  for (const a of left) {
    for (const b of right) {
      const merged =
        a.length === 0 ? b : b.length === 0 ? a : [...a, ...b.filter((leaf) => !a.includes(leaf))]
      if (!excludeEachOther(merged)) all.push(merged)
      if (all.length > maxAlternatives)
        throw schemaTooLarge(
          pointer,
          `its anyOf, oneOf and allOf make more than ${maxAlternatives} combinations`,
        )
    }
  }
  return all
}

/** A cheap test: no common type. */
function excludeEachOther(leaves: Alternative): boolean {
  let types: readonly string[] | undefined
  for (const { keywords } of leaves) {
    if (keywords.types === undefined) continue
    types =
      types === undefined ? keywords.types : types.filter((type) => keywords.types!.includes(type as never))
    if (types.length === 0) return true
  }
  return false
}
