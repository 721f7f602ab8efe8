/** A schema document and its locations: JSON pointers, anchors, embedded `$id`s, and `$ref` resolution. */

import { isPlainObject } from '@hadal/base'
import { schemaInvalid, schemaTooLarge, schemaUnsupported } from '../errors.ts'
import type { JsonSchema } from './json-schema.ts'

/** A schema and its location. Places are equal exactly if their pointers are. */
export interface Place {
  readonly pointer: string
  readonly schema: JsonSchema
}

const maxDepth = 200
const maxNodes = 50_000

/** Keywords with plain values that contain no schemas. */
const plainValues: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples', 'example'])

export class SchemaDocument {
  readonly root: Place
  private readonly places = new Map<string, Place>()
  /** Absolute URIs, with a fragment for anchors. */
  private readonly named = new Map<string, Place>()
  private readonly bases = new Map<string, string>()

  constructor(schema: unknown) {
    this.root = this.placeOf(schema, '')
    this.index(schema)
  }

  child(place: Place, ...segments: readonly (string | number)[]): Place {
    let value: unknown = place.schema
    let pointer = place.pointer
    for (const segment of segments) {
      value = member(value, String(segment))
      pointer += `/${escapeSegment(String(segment))}`
    }
    return this.placeOf(value, pointer)
  }

  /** Resolves the reference in `place`. */
  resolve(place: Place, keyword: string, reference: string): Place {
    const at = `${place.pointer}/${keyword}`
    const base = this.baseOf(place.pointer)
    const uri = resolveUri(base, reference)
    const [document = '', fragment = ''] = splitFragment(uri)
    const whole = document === resolveUri('', '') ? this.root : this.named.get(document)
    const anchored = this.named.get(uri)
    if (anchored !== undefined) return anchored
    if (whole === undefined) {
      throw schemaUnsupported(at, `${JSON.stringify(reference)} leads outside the schema`)
    }
    if (fragment === '') return whole
    let decoded = fragment
    try {
      decoded = decodeURIComponent(fragment)
    } catch {
      throw schemaInvalid(at, `${JSON.stringify(reference)} is not a valid reference`)
    }
    if (!decoded.startsWith('/'))
      throw schemaInvalid(at, `no anchor ${JSON.stringify(decoded)} in the schema`)
    let value: unknown = whole.schema
    for (const segment of decoded.slice(1).split('/')) {
      value = member(value, segment.replaceAll('~1', '/').replaceAll('~0', '~'))
    }
    if (value === undefined) throw schemaInvalid(at, `${JSON.stringify(reference)} leads nowhere`)
    return this.placeOf(value, whole.pointer + decoded)
  }

  private placeOf(schema: unknown, pointer: string): Place {
    const seen = this.places.get(pointer)
    if (seen !== undefined) return seen
    if (typeof schema !== 'boolean' && !isPlainObject(schema)) {
      throw schemaInvalid(pointer, `a schema is an object or a boolean, not ${describe(schema)}`)
    }
    const place = { pointer, schema }
    this.places.set(pointer, place)
    return place
  }

  private baseOf(pointer: string): string {
    for (let at = pointer; ; at = at.slice(0, at.lastIndexOf('/'))) {
      const base = this.bases.get(at)
      if (base !== undefined) return base
      if (at === '') return resolveUri('', '')
    }
  }

  /** Indexes names; rejects documents that are too deep or too large. */
  private index(schema: unknown): void {
    const waiting: [value: unknown, pointer: string, base: string, depth: number, isSchema: boolean][] = [
      [schema, '', resolveUri('', ''), 0, true],
    ]
    let nodes = 0
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [value, pointer, base, depth, isSchema] = next
      if (++nodes > maxNodes) throw schemaTooLarge(pointer, `it has more than ${maxNodes} parts`)
      if (depth > maxDepth) throw schemaTooLarge(pointer, `it is nested deeper than ${maxDepth}`)
      if (typeof value !== 'object' || value === null) continue
      const own = isSchema && isPlainObject(value) ? this.name(value, pointer, base) : base
      for (const [key, child] of Object.entries(value)) {
        if (plainValues.has(key) && isSchema) waiting.push([child, '', own, depth + 1, false])
        else
          waiting.push([child, isSchema ? `${pointer}/${escapeSegment(key)}` : '', own, depth + 1, isSchema])
      }
    }
  }

  private name(schema: Record<string, unknown>, pointer: string, base: string): string {
    const { $id, $anchor, $dynamicAnchor } = schema
    let own = base
    if (typeof $id === 'string') {
      own = splitFragment(resolveUri(base, $id))[0]!
      this.bases.set(pointer, own)
      this.named.set(resolveUri(base, $id), this.placeOf(schema, pointer))
      this.named.set(own, this.placeOf(schema, pointer))
    }
    for (const anchor of [$anchor, $dynamicAnchor]) {
      if (typeof anchor === 'string') this.named.set(`${own}#${anchor}`, this.placeOf(schema, pointer))
    }
    return own
  }
}

export function escapeSegment(segment: string): string {
  return segment.replaceAll('~', '~0').replaceAll('/', '~1')
}

export function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'an array'
  const written = JSON.stringify(value) ?? String(value)
  return written.length > 60 ? `${written.slice(0, 57)}...` : written
}

function member(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return /^(0|[1-9]\d*)$/.test(key) ? value[Number(key)] : undefined
  return isPlainObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

function resolveUri(base: string, reference: string): string {
  try {
    return new URL(reference, base === '' ? 'schema:/' : base).href
  } catch {
    return `${base.split('#')[0]}${reference}`
  }
}

function splitFragment(uri: string): string[] {
  const hash = uri.indexOf('#')
  return hash < 0 ? [uri] : [uri.slice(0, hash), uri.slice(hash + 1)]
}
