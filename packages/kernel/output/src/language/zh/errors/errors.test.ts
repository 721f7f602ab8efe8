/** Every error that a package declares has its Chinese, of the same values; and no other has. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { packageFolders } from '../../../../../../../scripts/package-folders.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../../../../../../..', import.meta.url))

interface Declared {
  /** Of what the error is made, in order: `path: string`. */
  readonly values: readonly string[]
  /** Those that its message says, and those of its help. */
  readonly inMessage: readonly string[]
  readonly inHelp: readonly string[]
}

const english = new Map<string, Declared>()
for (const file of packageFolders().flatMap((folder) => [...sources(join(root, folder, 'src'))])) {
  if (!file.text.includes('defineError({')) continue
  visit(file, (node) => {
    if (!ts.isCallExpression(node) || node.expression.getText() !== 'defineError') return
    const [spec] = node.arguments
    const declaration = node.parent
    if (spec === undefined || !ts.isObjectLiteralExpression(spec)) return
    if (!ts.isVariableDeclaration(declaration)) throw new Error(`an error of ${file.path} has no name`)
    const code = (propertyOf(spec, 'code') as ts.StringLiteral).text
    english.set(code, declared(declaration.type, propertyOf(spec, 'message'), propertyOf(spec, 'help')))
  })
}

const chinese = new Map<string, Declared>()
for (const file of sources(here))
  visit(file, (node) => {
    if (!ts.isPropertyAssignment(node) || !ts.isCallExpression(node.initializer)) return
    const { expression, arguments: made } = node.initializer
    if (expression.getText() !== 'words') return
    const code = node.name.getText()
    if (chinese.has(code)) throw new Error(`${code} is there twice`)
    chinese.set(code, declared(node.initializer, made[0], made[1]))
  })

describe('errors in Chinese', () => {
  it('are those that are declared', () => {
    expect(english.size).toBeGreaterThan(400)
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort())
  })

  it.each([...english.keys()].filter((code) => chinese.has(code)))('%s says the same values', (code) => {
    expect(chinese.get(code)).toEqual(english.get(code))
  })
})

function* sources(folder: string): Generator<{ path: string; text: string }> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* sources(path)
    else if (entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
      yield { path, text: readFileSync(path, 'utf8') }
  }
}

function visit({ path, text }: { path: string; text: string }, look: (node: ts.Node) => void): void {
  const go = (node: ts.Node): void => {
    look(node)
    ts.forEachChild(node, go)
  }
  go(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true))
}

function propertyOf(object: ts.ObjectLiteralExpression, name: string): ts.Node | undefined {
  const property = object.properties.find((each) => each.name?.getText() === name)
  return property !== undefined && ts.isPropertyAssignment(property) ? property.initializer : property
}

function declared(
  typed: ts.Node | undefined,
  message: ts.Node | undefined,
  help: ts.Node | undefined,
): Declared {
  const tuple = (typed as ts.TypeReferenceNode | undefined)?.typeArguments?.[0]
  const members = tuple !== undefined && ts.isTupleTypeNode(tuple) ? tuple.elements : []
  const names = members.map((member) => (member as ts.NamedTupleMember).name.getText())
  return {
    values: members.map((member) => plain(member.getText())),
    inMessage: used(message, names),
    inHelp: used(help, names),
  }
}

/** A type with a name of its own may be another one of the same shape. */
function plain(member: string): string {
  return /[A-Z{|]/.test(member) ? member.replace(/:.*/s, '') : member
}

/** By the names of the values, whatever the function calls them. */
function used(node: ts.Node | undefined, names: readonly string[]): string[] {
  if (node === undefined || !('parameters' in node)) return []
  const { parameters, body } = node as ts.ArrowFunction
  const found = new Set<string>()
  const go = (inner: ts.Node): void => {
    if (ts.isIdentifier(inner)) found.add(inner.text)
    ts.forEachChild(inner, go)
  }
  go(body)
  return parameters.flatMap((parameter, at) => {
    const bound = parameter.name.getText()
    return found.has(bound) ? [names[at] ?? bound] : []
  })
}
