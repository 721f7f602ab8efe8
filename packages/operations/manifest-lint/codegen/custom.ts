/**
 * Kinds of KEDA and of the Prometheus operator, from the declarations of two npm packages. They run only on a newer
 * Node than ours and are no dependency: they are installed, pinned, into a separate folder and only read.
 */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import ts from 'typescript'
import { membersOf } from './declarations.ts'
import type { Table } from './table.ts'

const sources: readonly { name: string; pinned: string; groups: readonly string[] }[] = [
  { name: '@kubernetes-models/keda', pinned: '2.0.0', groups: ['keda.sh/v1alpha1'] },
  {
    name: '@kubernetes-models/prometheus-operator',
    pinned: '6.0.0',
    groups: ['monitoring.coreos.com/v1', 'monitoring.coreos.com/v1alpha1', 'monitoring.coreos.com/v1beta1'],
  },
]

const clusterScoped = new Set(['ClusterTriggerAuthentication'])

export function custom(builtIn: Table): Table {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-schemas-'))
  try {
    const wanted = sources.map(({ name, pinned }) => `${name}@${pinned}`)
    const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--force', '--prefix', folder]
    execFileSync('npm', ['install', ...flags, ...wanted], { stdio: 'ignore', timeout: 300_000 })
    return read(join(folder, 'node_modules'), builtIn)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function read(modules: string, builtIn: Table): Table {
  const table: Table = { kinds: {}, types: {} }
  const pending: string[] = []
  for (const { name, groups } of sources)
    for (const group of groups) {
      const folder = join(modules, name, group)
      for (const entry of readdirSync(folder).sort()) {
        if (!entry.endsWith('.d.ts') || entry === 'index.d.ts') continue
        const kind = basename(entry, '.d.ts')
        const text = readFileSync(join(folder, entry), 'utf8')
        if (
          !text.includes(`"kind": "${kind}"`) ||
          kind.endsWith('List') ||
          /^(WithTriggers|Embedded)/.test(kind)
        )
          continue
        const file = join(folder, entry)
        table.kinds[`${group}/${kind}`] = [nameOf(file), clusterScoped.has(kind) ? 0 : 1]
        pending.push(file)
      }
    }
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    const name = nameOf(file)
    if (table.types[name] !== undefined) continue
    const source = parse(file)
    const declared = source.statements.find(ts.isClassDeclaration)!
    const isWhole = hasWholeNumbers(file, source)
    const fields: Record<string, string> = {}
    table.types[name] = fields
    for (const field of membersOf(declared.members, source)) {
      const isOutside = ['apiVersion', 'kind', 'status'].includes(field.name) && field.type.startsWith('"')
      const at = `${name}.${field.name}`
      if (isOutside || field.name === 'status') fields[field.name] = '*'
      else
        fields[field.isRequired ? `${field.name}!` : field.name] = encode(field.node, {
          file,
          source,
          pending,
          table,
          builtIn,
          isWhole,
          at,
        })
    }
  }
  return table
}

interface Place {
  readonly file: string
  readonly source: ts.SourceFile
  readonly pending: string[]
  readonly table: Table
  readonly builtIn: Table
  /** Whether numbers of this file are integers. */
  readonly isWhole: boolean
  readonly at: string
}

function encode(node: ts.TypeNode, place: Place): string {
  if (node.kind === ts.SyntaxKind.StringKeyword) return 's'
  if (node.kind === ts.SyntaxKind.BooleanKeyword) return 'b'
  if (node.kind === ts.SyntaxKind.NumberKeyword) return place.isWhole ? 'l' : 'n'
  if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal)) return `e:${node.literal.text}`
  if (ts.isUnionTypeNode(node)) {
    const texts = node.types.map((one) =>
      ts.isLiteralTypeNode(one) && ts.isStringLiteral(one.literal) ? one.literal.text : undefined,
    )
    return texts.every((text) => text !== undefined) ? `e:${texts.join('|')}` : '*'
  }
  if (ts.isTypeLiteralNode(node)) {
    const index = node.members.find(ts.isIndexSignatureDeclaration)
    if (index !== undefined) return `{${encode(index.type, place)}`
    const fields: Record<string, string> = {}
    for (const field of membersOf(node.members, place.source))
      fields[field.isRequired ? `${field.name}!` : field.name] = encode(field.node, {
        ...place,
        at: `${place.at}.${field.name}`,
      })
    if (Object.keys(fields).length === 0) return '*'
    place.table.types[place.at] = fields
    return `#${place.at}`
  }
  if (!ts.isTypeReferenceNode(node)) return '*'
  const name = node.typeName.getText(place.source)
  if (name === 'Array') return `[${encode(node.typeArguments![0]!, place)}`
  return referenced(name, place)
}

/** A type of the same package, or of those that every server has. */
function referenced(name: string, place: Place): string {
  if (name.endsWith('ResourceQuantity')) return 'q'
  if (name.endsWith('IntstrIntOrString')) return 'p'
  if (name.endsWith('MetaV1Time')) return 'd'
  const from = importOf(name, place.source)
  if (from === undefined) return '*'
  if (!from.startsWith('.')) {
    const [version, type] = from.split('/').slice(-2)
    const known = `${version!.toUpperCase()}${type}`
    return place.builtIn.types[known] === undefined ? '*' : `#${known}`
  }
  const file = resolve(dirname(place.file), from.replace(/\.js$/, '.d.ts'))
  if (!existsSync(file)) return '*'
  const source = parse(file)
  if (source.statements.some(ts.isClassDeclaration)) {
    place.pending.push(file)
    return `#${nameOf(file)}`
  }
  const alias = source.statements.find(ts.isTypeAliasDeclaration)
  return alias === undefined ? '*' : encode(alias.type, { ...place, file, source })
}

function importOf(name: string, source: ts.SourceFile): string | undefined {
  for (const one of source.statements)
    if (ts.isImportDeclaration(one) && one.getText(source).includes(`${name} `))
      return (one.moduleSpecifier as ts.StringLiteral).text
  return undefined
}

/** The compiled validator alongside the declaration knows whether a number must be whole. */
function hasWholeNumbers(file: string, source: ts.SourceFile): boolean {
  const exported = /export type \{ I\w+ as I(\w+)/.exec(source.text)?.[1]
  const validator = join(dirname(file), '..', '..', '_schemas', `${exported}.js`)
  return existsSync(validator) && !/type:"number"/.test(readFileSync(validator, 'utf8'))
}

const nameOf = (file: string): string => {
  const [group, version, name] = file
    .replace(/\.d\.ts$/, '')
    .split('/')
    .slice(-3)
  return `${group!.split('.')[0]}.${version === 'v1' ? '' : `${version}.`}${name}`
}

const parsed = new Map<string, ts.SourceFile>()

function parse(file: string): ts.SourceFile {
  const known =
    parsed.get(file) ?? ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
  parsed.set(file, known)
  return known
}
