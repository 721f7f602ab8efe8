/** Jinja templates, compiled once each; a bounded number of them is kept. */

import { Template } from '@huggingface/jinja'
import type { Seal } from './seal.ts'

const maxKept = 32
const kept = new Map<string, Template>()

/** With a seal, what the template looks for in messages is sealed as they are. Throws what the parser throws. */
export function compile(source: string, seal?: Seal): Template {
  const key = `${seal?.key ?? ''}\n${source}`
  let template = kept.get(key)
  if (template === undefined) {
    template = new Template(source)
    visit(template.parsed as unknown as Node, (node) => {
      forgive(node)
      if (seal !== undefined) sealNeedles(node, seal)
    })
    if (kept.size >= maxKept) kept.delete(kept.keys().next().value!)
  } else kept.delete(key)
  kept.set(key, template)
  return template
}

/** A node of the syntax tree, of any type. */
interface Node {
  type?: string
  value?: unknown
  operator?: { value: string }
  left?: Node
  right?: Node
  callee?: Node
  args?: Node[]
  filter?: Node
  operand?: Node
  iterable?: Node
  lhs?: Node
}

/** Inner nodes first. */
function visit(node: unknown, act: (node: Node) => void): void {
  if (typeof node !== 'object' || node === null) return
  for (const member of Object.values(node)) visit(member, act)
  if (!Array.isArray(node)) act(node)
}

const ofText: ReadonlySet<string> = new Set([
  ...['trim', 'lower', 'upper', 'title', 'capitalize', 'replace', 'indent'],
])
const ofLists: ReadonlySet<string> = new Set([
  ...[
    'length',
    'list',
    'first',
    'last',
    'join',
    'map',
    'select',
    'selectattr',
    'reject',
    'rejectattr',
    'sort',
    'unique',
  ],
])

/** The variable that holds Python's `str`; no template can name it. */
export const stringFunction = 'as string'

/**
 * In Python's Jinja, what is undefined is an empty text to filters of text, and an empty list to those of lists and to loops;
 * and there is a string of everything. In llama.cpp's, a variable that nobody set also adds nothing to a text.
 */
function forgive(node: Node): void {
  if (node.type === 'For') {
    const { iterable } = node
    if (iterable?.type === 'SelectExpression') replace(iterable, 'lhs', noItems())
    else replace(node, 'iterable', noItems())
  }
  if (node.type === 'BinaryExpression' && node.operator?.value === '+')
    for (const side of ['left', 'right'] as const)
      if (node[side]?.type === 'Identifier')
        replace(node, side, { type: 'StringLiteral', value: '' }, ['undefined'])
  if (node.type === 'FilterExpression') {
    const name = String((node.filter?.type === 'CallExpression' ? node.filter.callee : node.filter)?.value)
    if (ofText.has(name)) replace(node, 'operand', { type: 'StringLiteral', value: '' })
    if (ofLists.has(name)) replace(node, 'operand', noItems())
    if (name === 'string') {
      replace(node, 'operand', { type: 'StringLiteral', value: '' }, ['undefined'])
      Object.assign(node, {
        type: 'CallExpression',
        callee: { type: 'Identifier', value: stringFunction },
        args: [node.operand],
      })
    }
  }
}

const noItems = (): Node => ({ type: 'ArrayLiteral', value: [] })

/** By `instead if node is undefined or none else node`; what is neither a variable nor a member is there in any case. */
function replace(
  parent: Node,
  key: 'operand' | 'iterable' | 'lhs' | 'left' | 'right',
  instead: Node,
  tests: readonly string[] = ['undefined', 'none'],
): void {
  const node = parent[key]
  if (node?.type !== 'Identifier' && node?.type !== 'MemberExpression') return
  for (const value of tests) {
    const condition = {
      type: 'TestExpression',
      operand: node,
      negate: false,
      test: { type: 'Identifier', value },
    }
    parent[key] = { type: 'Ternary', condition, trueExpr: instead, falseExpr: parent[key] } as Node
  }
}

const comparisons: ReadonlySet<string> = new Set(['in', 'not in', '==', '!='])

/** Literals in comparisons, and the first arguments of methods and filters: `x.split('a')`, `x | replace('a', 'b')`. */
function sealNeedles({ type, operator, left, right, callee, args, filter }: Node, seal: Seal): void {
  if (type === 'BinaryExpression' && operator !== undefined && comparisons.has(operator.value)) {
    sealLiteral(left, seal)
    sealLiteral(right, seal)
  }
  if (type === 'CallExpression' && callee?.type === 'MemberExpression') sealLiteral(args?.[0], seal)
  if (type === 'FilterExpression' && filter?.type === 'CallExpression') sealLiteral(filter.args?.[0], seal)
}

function sealLiteral(node: Node | undefined, seal: Seal): void {
  if (node?.type === 'StringLiteral' && typeof node.value === 'string') node.value = seal.text(node.value)
}
