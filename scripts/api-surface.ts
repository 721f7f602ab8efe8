/**
 * What the public packages export, and where it is declared: read from the syntax of their index.ts alone, without a program
 * of types, so that it takes a second. A package is public unless its package.json says `"hadal": { "api": "inner" }`; a name
 * is public unless its docstring says `@internal`, which is for what the packages share among themselves.
 */

import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { nameOf, packageFolders } from './package-folders.mjs'

export const root: string = dirname(dirname(fileURLToPath(import.meta.url)))

export interface ApiPackage {
  /** Folder name, such as `batching`. */
  readonly folder: string
  /** Path of its folder from the root. */
  readonly path: string
  readonly name: string
  readonly description: string
  readonly inner: boolean
}

export interface ApiName {
  readonly package: ApiPackage
  readonly name: string
  /** A function, class or constant, which exists when the program runs; otherwise a type. */
  readonly isValue: boolean
  readonly isInternal: boolean
  readonly hasText: boolean
  readonly examples: readonly string[]
  /** `packages/serving/batching/src/batch.ts:12`, to look it up. */
  readonly place: string
  /** The declaration as written, without bodies of functions. */
  readonly signature: string
}

export function apiPackages(): readonly ApiPackage[] {
  return packageFolders().map((path) => {
    const { name, description, hadal } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'))
    return { folder: nameOf(path), path, name, description, inner: hadal?.api === 'inner' }
  })
}

/** Every name that a package declares and exports; re-exports are documented in their own package. */
export function apiNames(pkg: ApiPackage): readonly ApiName[] {
  const index = join(root, pkg.path, 'src', 'index.ts')
  return [...exportsOf(index)]
    .map(([name, declaration]) => describe(pkg, name, declaration))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

const files = new Map<string, ts.SourceFile>()

function sourceFile(path: string): ts.SourceFile {
  const known = files.get(path)
  if (known !== undefined) return known
  const read = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)
  files.set(path, read)
  return read
}

function exportsOf(path: string): Map<string, ts.Node> {
  const found = new Map<string, ts.Node>()
  for (const statement of sourceFile(path).statements) {
    if (ts.isExportDeclaration(statement)) {
      for (const [name, declaration] of handedOn(path, statement)) found.set(name, declaration)
    } else if (isExported(statement)) {
      for (const [name, declaration] of declaredBy(statement)) {
        // The first of several, as the signatures of one function are.
        if (!found.has(name)) found.set(name, declaration)
      }
    }
  }
  return found
}

function handedOn(path: string, statement: ts.ExportDeclaration): Map<string, ts.Node> {
  const from = statement.moduleSpecifier
  const clause = statement.exportClause
  if (clause !== undefined && ts.isNamespaceExport(clause)) return new Map([[clause.name.text, statement]])
  if (from === undefined || !ts.isStringLiteral(from) || !from.text.startsWith('.')) return new Map()
  const all = exportsOf(join(dirname(path), from.text))
  if (clause === undefined) return all
  const some = new Map<string, ts.Node>()
  for (const { name, propertyName } of clause.elements) {
    const declaration = all.get((propertyName ?? name).text)
    if (declaration !== undefined) some.set(name.text, declaration)
  }
  return some
}

const isExported = (node: ts.Statement): boolean =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)

function declaredBy(statement: ts.Statement): [string, ts.Node][] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }): [string, ts.Node][] =>
      ts.isIdentifier(name) ? [[name.text, statement]] : [],
    )
  }
  if (
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement)
  ) {
    return statement.name === undefined ? [] : [[statement.name.text, statement]]
  }
  return []
}

const isType = (node: ts.Node): boolean => ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)

function describe(pkg: ApiPackage, name: string, declaration: ts.Node): ApiName {
  const file = declaration.getSourceFile()
  const line = file.getLineAndCharacterOfPosition(declaration.getStart()).line + 1
  const tags = ts.getJSDocTags(declaration)
  return {
    package: pkg,
    name,
    isValue: !isType(declaration),
    isInternal: tags.some(({ tagName }) => tagName.text === 'internal'),
    hasText: ts.getJSDocCommentsAndTags(declaration).some((doc) => ts.isJSDoc(doc) && textOf(doc.comment)),
    examples: tags
      .filter(({ tagName }) => tagName.text === 'example')
      .map(({ comment }) => codeOf(ts.getTextOfJSDocComment(comment) ?? '')),
    place: `${relative(root, file.fileName)}:${line}`,
    signature: signatureOf(declaration),
  }
}

const textOf = (comment: ts.JSDoc['comment']): boolean =>
  (ts.getTextOfJSDocComment(comment) ?? '').trim() !== ''

/** Content of an example's code fence. */
const codeOf = (comment: string): string => /```ts\n([\s\S]*?)\n?```/.exec(comment)?.[1] ?? ''

/** Whatever a reader sees of it: names of types in it count as shown where it is. */
function signatureOf(declaration: ts.Node): string {
  const text = declaration.getText()
  if (ts.isFunctionDeclaration(declaration) && declaration.body !== undefined) {
    return text.slice(0, declaration.body.getStart() - declaration.getStart())
  }
  if (ts.isClassDeclaration(declaration)) {
    const start = declaration.getStart()
    const bodies = declaration.members.flatMap((member) =>
      ts.isFunctionLike(member) && 'body' in member && member.body !== undefined
        ? [member.body as ts.Node]
        : [],
    )
    return bodies.reduceRight(
      (cut, body) => cut.slice(0, body.getStart() - start) + cut.slice(body.end - start),
      text,
    )
  }
  return text
}
