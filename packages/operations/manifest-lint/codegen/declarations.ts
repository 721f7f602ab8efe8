/** Fields of the first interface or class that a `.d.ts` file declares. */

import ts from 'typescript'

export interface DeclaredField {
  readonly name: string
  readonly isRequired: boolean
  /** As it is written, without spaces. */
  readonly type: string
  readonly node: ts.TypeNode
}

export function fieldsOf(text: string): DeclaredField[] {
  const source = ts.createSourceFile('a.d.ts', text, ts.ScriptTarget.Latest, true)
  const declared = source.statements.find(
    (one): one is ts.InterfaceDeclaration | ts.ClassDeclaration =>
      ts.isInterfaceDeclaration(one) || ts.isClassDeclaration(one),
  )
  return declared === undefined ? [] : membersOf(declared.members, source)
}

export function membersOf(members: ts.NodeArray<ts.Node>, source: ts.SourceFile): DeclaredField[] {
  const fields: DeclaredField[] = []
  for (const member of members) {
    if (!ts.isPropertySignature(member) && !ts.isPropertyDeclaration(member)) continue
    const isStatic = ts.isPropertyDeclaration(member) && (member.modifiers?.length ?? 0) > 0
    if (isStatic || member.type === undefined) continue
    fields.push({
      name: ts.isStringLiteral(member.name) ? member.name.text : member.name.getText(source),
      isRequired: member.questionToken === undefined,
      type: member.type.getText(source).replace(/\s+/g, ''),
      node: member.type,
    })
  }
  return fields
}
