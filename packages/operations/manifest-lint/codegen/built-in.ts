/**
 * Kinds and types of every API server, from two npm packages: `@kubernetes/client-node` provides fields, required flags and number
 * widths; `kubernetes-models` provides quantities and enumerations.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fieldsOf } from './declarations.ts'
import { filledIn, newerThanServer } from './exceptions.ts'
import type { Table } from './table.ts'

const require = createRequire(import.meta.url)
const gen = join(dirname(require.resolve('@kubernetes/client-node')), 'gen')
const models = dirname(require.resolve('kubernetes-models/package.json'))

interface Attribute {
  /** Name in the class; differs from the field's if that is no identifier: `x-kubernetes-...`. */
  readonly name: string
  /** Name of the field. */
  readonly baseName: string
  readonly type: string
  readonly format: string
}

/** Kinds with their scope, from the paths of the client: `apps/v1/Deployment` is made under a namespace. */
function kindsOf(): Map<string, { type: string; isNamespaced: boolean }> {
  const kinds = new Map<string, { type: string; isNamespaced: boolean }>()
  for (const file of readdirSync(join(gen, 'apis')).sort()) {
    if (!file.endsWith('Api.js')) continue
    const code = readFileSync(join(gen, 'apis', file), 'utf8')
    const declared = readFileSync(join(gen, 'apis', file.replace(/js$/, 'd.ts')), 'utf8')
    for (const match of code.matchAll(/async (create\w+)\([\s\S]*?localVarPath = '([^']+)'/g)) {
      const path = match[2]!
      const body = new RegExp(`\\b${match[1]}\\([^)]*?body: (\\w+)`).exec(declared)?.[1]
      const [, group, isNamespaced] =
        /^\/apis?\/([a-z0-9./]+?)(\/namespaces\/\{namespace\})?\/[a-z]+$/.exec(path) ?? []
      if (body === undefined || group === undefined) continue
      const kind = body.replace(/^[A-Z][a-z]+(?=V\d)/, '').replace(/^V\d+((alpha|beta)\d+)?/, '')
      const key = `${group}/${kind}`
      if (!/Review$|^Binding$/.test(kind) && !newerThanServer.kinds.some((one) => key.startsWith(one)))
        kinds.set(key, { type: body, isNamespaced: isNamespaced !== undefined })
    }
  }
  return kinds
}

/** The same type as `kubernetes-models` has it: `V1ContainerPort` is `v1/ContainerPort` of some group. */
function modelOf(className: string): Map<string, string> | undefined {
  const [, , version, name] = /^([A-Z][a-z]+(?=V\d))?(V\d+(?:(?:alpha|beta)\d+)?)(\w+)$/.exec(className) ?? []
  if (version === undefined) return undefined
  const files = [models, ...readdirSync(models).map((folder) => join(models, folder))]
    .map((folder) => join(folder, version.toLowerCase(), `${name}.d.ts`))
    .filter((file) => existsSync(file))
  if (files.length !== 1) return undefined
  return new Map(fieldsOf(readFileSync(files[0]!, 'utf8')).map((field) => [field.name, field.type]))
}

export async function builtIn(): Promise<Table> {
  const { ObjectSerializer: _, ...all } = (await import(join(gen, 'models', 'all.js'))) as Record<
    string,
    unknown
  >
  const table: Table = { kinds: {}, types: {} }
  const wanted = ['V1ObjectMeta']
  for (const [key, { type, isNamespaced }] of kindsOf()) {
    // The package still ships files of versions that it no longer exports.
    if (all[type] === undefined) continue
    table.kinds[key] = [type, isNamespaced ? 1 : 0]
    wanted.push(type)
  }
  const roots = wanted.length - 1
  for (let at = 0; at < wanted.length; at++) {
    const name = wanted[at]!
    if (table.types[name] !== undefined) continue
    const attributes = (all[name] as { attributeTypeMap: Attribute[] } | undefined)?.attributeTypeMap
    if (attributes === undefined) throw new Error(`${name} is no class of @kubernetes/client-node`)
    const declared = new Map(
      fieldsOf(readFileSync(join(gen, 'models', `${name}.d.ts`), 'utf8')).map((field) => [field.name, field]),
    )
    const model = modelOf(name)
    const fields: Record<string, string> = {}
    for (const { name: property, baseName, type, format } of attributes) {
      const field = `${name}.${baseName}`
      if (newerThanServer.fields.has(field)) continue
      const isRequired = declared.get(property)?.isRequired === true && !filledIn.has(field)
      const said = model?.get(baseName) ?? ''
      const list = /^"[^"]*"(\|"[^"]*")*$/.test(said) ? said.replaceAll('"', '') : undefined
      const isStatus = wanted.indexOf(name) <= roots && baseName === 'status'
      fields[isRequired ? `${baseName}!` : baseName] = isStatus
        ? '*'
        : encode(type, format, said.includes('Quantity'), list, wanted)
    }
    table.types[name] = fields
  }
  return table
}

const plain: Record<string, string> = {
  string: 's',
  boolean: 'b',
  any: '*',
  object: '{*',
  Date: 'd',
  IntOrString: 'p',
}

function encode(
  type: string,
  format: string,
  isQuantity: boolean,
  list: string | undefined,
  wanted: string[],
): string {
  const inner = /^Array<(.+)>$/.exec(type)?.[1]
  if (inner !== undefined) return `[${encode(inner, format, isQuantity, list, wanted)}`
  const value = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1]
  if (value !== undefined) return `{${encode(value, format, isQuantity, list, wanted)}`
  if (isQuantity) return 'q'
  if (type === 'string' && format === 'byte') return 'y'
  if (type === 'string' && list) return `e:${list}`
  if (type === 'number') return format === 'int32' ? 'i' : format === 'int64' ? 'l' : 'n'
  // An object without declared fields: whatever stands there is taken.
  const known = plain[type] ?? (type === 'V1MicroTime' ? 'd' : undefined)
  if (known !== undefined) return known
  wanted.push(type)
  return `#${type}`
}
