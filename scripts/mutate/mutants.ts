/**
 * The mutants of one TypeScript source: each changes one operator, condition, constant or statement. Pure; knows nothing of
 * files and tests.
 */

import ts from 'typescript'

export interface Mutant {
  /** From 1. */
  readonly line: number
  /** The line in the original, trimmed. */
  readonly code: string
  /** For people: `< → <=`. Unique within its line, with a number from the second of the same change on. */
  readonly change: string
  /** What is replaced, in UTF-16 units. */
  readonly start: number
  readonly end: number
  readonly replacement: string
}

const operators: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.LessThanToken, '<='],
  [ts.SyntaxKind.LessThanEqualsToken, '<'],
  [ts.SyntaxKind.GreaterThanToken, '>='],
  [ts.SyntaxKind.GreaterThanEqualsToken, '>'],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, '!=='],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, '==='],
  [ts.SyntaxKind.PlusToken, '-'],
  [ts.SyntaxKind.MinusToken, '+'],
  [ts.SyntaxKind.AsteriskToken, '/'],
  [ts.SyntaxKind.SlashToken, '*'],
  [ts.SyntaxKind.PercentToken, '*'],
  [ts.SyntaxKind.PlusEqualsToken, '-='],
  [ts.SyntaxKind.MinusEqualsToken, '+='],
  [ts.SyntaxKind.AsteriskEqualsToken, '/='],
  [ts.SyntaxKind.SlashEqualsToken, '*='],
  [ts.SyntaxKind.AmpersandAmpersandEqualsToken, '||='],
  [ts.SyntaxKind.BarBarEqualsToken, '&&='],
])
const mathFunctions: ReadonlyMap<string, string> = new Map([
  ['min', 'max'],
  ['max', 'min'],
  ['floor', 'ceil'],
  ['ceil', 'floor'],
])

export function mutantsOf(text: string): Mutant[] {
  const file = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true)
  const lines = text.split('\n')
  const seen = new Map<string, number>()
  const mutants: Mutant[] = []
  const add = (node: ts.Node, replacement: string, change: string): void => {
    const start = node.getStart()
    const end = node.getEnd()
    if (
      mutants.some((other) => other.start === start && other.end === end && other.replacement === replacement)
    )
      return
    const line = file.getLineAndCharacterOfPosition(start).line + 1
    const times = (seen.get(`${line} ${change}`) ?? 0) + 1
    seen.set(`${line} ${change}`, times)
    mutants.push({
      line,
      code: lines[line - 1]!.trim(),
      change: times === 1 ? change : `${change} (${times})`,
      start,
      end,
      replacement,
    })
  }
  const visit = (node: ts.Node): void => {
    if (isNoDecision(node)) return
    mutate(node, add)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return mutants
}

export function applyMutant(text: string, { start, end, replacement }: Mutant): string {
  return text.slice(0, start) + replacement + text.slice(end)
}

/** Types and imports do nothing, and what an error says is not decided here. */
const isNoDecision = (node: ts.Node): boolean =>
  ts.isTypeNode(node) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node) ||
  ts.isImportDeclaration(node) ||
  ts.isExportDeclaration(node) ||
  ts.isThrowStatement(node)

type Add = (node: ts.Node, replacement: string, change: string) => void

function mutate(node: ts.Node, add: Add): void {
  if (ts.isBinaryExpression(node)) mutateBinary(node, add)
  else if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
    add(node, `(${node.operand.getText()})`, `${short(node)} → ${short(node.operand)}`)
  else if (ts.isIfStatement(node)) mutateCondition(node.expression, ['true', 'false'], add)
  else if (ts.isConditionalExpression(node)) mutateCondition(node.condition, ['true', 'false'], add)
  else if (ts.isWhileStatement(node)) mutateCondition(node.expression, ['false'], add)
  else if (ts.isForStatement(node) && node.condition !== undefined)
    mutateCondition(node.condition, ['false'], add)
  else if (ts.isNumericLiteral(node)) mutateNumber(node, add)
  else if (node.kind === ts.SyntaxKind.TrueKeyword) add(node, 'false', 'true → false')
  else if (node.kind === ts.SyntaxKind.FalseKeyword) add(node, 'true', 'false → true')
  else if (ts.isPropertyAccessExpression(node) && node.expression.getText() === 'Math') {
    const other = mathFunctions.get(node.name.text)
    if (other !== undefined) add(node.name, other, `Math.${node.name.text} → Math.${other}`)
  } else if (ts.isExpressionStatement(node) && isCall(node.expression))
    add(node, ';', `${short(node)} removed`)
}

function mutateBinary(node: ts.BinaryExpression, add: Add): void {
  const { left, operatorToken, right } = node
  const operator = operatorToken.getText()
  if (operator === '&&' || operator === '||') {
    const other = operator === '&&' ? '||' : '&&'
    // In parentheses, so that it binds as the original does.
    add(node, `(${left.getText()} ${other} ${right.getText()})`, `${operator} → ${other}`)
    return
  }
  const other = operators.get(operatorToken.kind)
  if (other === undefined || (operator.startsWith('+') && (isText(left) || isText(right)))) return
  add(operatorToken, other, `${operator} → ${other}`)
}

function mutateCondition(condition: ts.Expression, values: readonly string[], add: Add): void {
  for (const value of values)
    if (condition.getText() !== value) add(condition, value, `${short(condition)} → ${value}`)
}

function mutateNumber(node: ts.NumericLiteral, add: Add): void {
  // A key of an object is a name.
  if (ts.isPropertyAssignment(node.parent) && node.parent.name === node) return
  const value = Number(node.text)
  for (const other of new Set([value + 1, value * 2]))
    if (other !== value) add(node, String(other), `${node.getText()} → ${other}`)
}

/** The constructor of the class above has to be called. */
function isCall(node: ts.Expression): boolean {
  if (ts.isAwaitExpression(node)) return true
  if (ts.isVoidExpression(node)) return isCall(node.expression)
  return ts.isCallExpression(node) && node.expression.kind !== ts.SyntaxKind.SuperKeyword
}

/** Sums of texts are no arithmetic. */
function isText(node: ts.Expression): boolean {
  if (ts.isBinaryExpression(node)) return isText(node.left) || isText(node.right)
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)
}

const shownCharacters = 60

function short(node: ts.Node): string {
  const text = node.getText().replace(/\s+/g, ' ')
  return text.length <= shownCharacters ? text : `${text.slice(0, shownCharacters - 1)}…`
}
