/** Which kinds an API server knows and which fields they have. Reads the generated tables on first use. */

import { coreTable, customTable } from './generated/kubernetes-table.ts'
import type { Table } from './table.ts'
import { workloadTable } from './workload-table.ts'

export interface KindSchema {
  /** Name of its type. */
  readonly type: string
  readonly isNamespaced: boolean
  /** Whether every API server has it; others have it with a custom resource definition. */
  readonly isBuiltIn: boolean
}

export interface FieldSchema {
  readonly name: string
  readonly isRequired: boolean
  readonly type: ValueSchema
}

export type ValueSchema =
  | { readonly is: 'string' | 'boolean' | 'int32' | 'int64' | 'number' | 'quantity' }
  | { readonly is: 'intOrString' | 'time' | 'base64' | 'anything' }
  | { readonly is: 'oneOf'; readonly values: readonly string[] }
  | { readonly is: 'list' | 'map'; readonly of: ValueSchema }
  | { readonly is: 'object'; readonly type: string }

interface Loaded {
  readonly kinds: ReadonlyMap<string, KindSchema>
  readonly types: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly read: Map<string, ReadonlyMap<string, FieldSchema>>
}

let loaded: Loaded | undefined

function tables(): Loaded {
  if (loaded !== undefined) return loaded
  const core = JSON.parse(coreTable) as Table
  const custom = JSON.parse(customTable) as Table
  const kinds = new Map<string, KindSchema>()
  for (const table of [core, custom, workloadTable])
    for (const [key, [type, isNamespaced]] of Object.entries(table.kinds))
      kinds.set(key, { type, isNamespaced: isNamespaced === 1, isBuiltIn: table === core })
  loaded = { kinds, types: { ...core.types, ...custom.types, ...workloadTable.types }, read: new Map() }
  return loaded
}

/** `apps/v1`, `Deployment`. Undefined: no such kind is known here. */
export function kindSchema(apiVersion: string, kind: string): KindSchema | undefined {
  return tables().kinds.get(`${apiVersion}/${kind}`)
}

/** `apps/v1/Deployment` and so on. */
export function knownKinds(): readonly string[] {
  return [...tables().kinds.keys()]
}

/** Fields of a type by their names. */
export function fieldsOf(type: string): ReadonlyMap<string, FieldSchema> {
  const { read, types } = tables()
  const known = read.get(type)
  if (known !== undefined) return known
  const fields = new Map<string, FieldSchema>()
  for (const [key, code] of Object.entries(types[type] ?? {})) {
    const name = key.replace(/!$/, '')
    fields.set(name, { name, isRequired: key.endsWith('!'), type: valueSchema(code) })
  }
  read.set(type, fields)
  return fields
}

const letters: Readonly<Record<string, ValueSchema>> = {
  s: { is: 'string' },
  b: { is: 'boolean' },
  i: { is: 'int32' },
  l: { is: 'int64' },
  n: { is: 'number' },
  q: { is: 'quantity' },
  p: { is: 'intOrString' },
  d: { is: 'time' },
  y: { is: 'base64' },
  '*': { is: 'anything' },
}

function valueSchema(code: string): ValueSchema {
  const rest = code.slice(1)
  if (code[0] === '[') return { is: 'list', of: valueSchema(rest) }
  if (code[0] === '{') return { is: 'map', of: valueSchema(rest) }
  if (code[0] === '#') return { is: 'object', type: rest }
  if (code.startsWith('e:')) return { is: 'oneOf', values: code.slice(2).split('|') }
  return letters[code]!
}
