/** Jinja templates, compiled once each; a bounded number of them is kept. */

import { Template } from '@huggingface/jinja'
import type { Seal } from './seal.ts'

const mostKept = 32
const kept = new Map<string, Template>()

/** With a seal, what the template looks for in messages is sealed as they are. Throws what the parser throws. */
export function compile(source: string, seal?: Seal): Template {
  const key = `${seal?.mark ?? ''}|${source}`
  let template = kept.get(key)
  if (template === undefined) {
    template = new Template(source)
    if (seal !== undefined) sealNeedles(template.parsed, seal)
    if (kept.size >= mostKept) kept.delete(kept.keys().next().value!)
  } else kept.delete(key)
  kept.set(key, template)
  return template
}

interface Node {
  type?: string
  value?: unknown
  operator?: { value: string }
  left?: Node
  right?: Node
  callee?: Node
  args?: Node[]
  filter?: Node
}

const comparisons: ReadonlySet<string> = new Set(['in', 'not in', '==', '!='])

/** Literals in comparisons, and the first arguments of methods and filters: `x.split('a')`, `x | replace('a', 'b')`. */
function sealNeedles(node: unknown, seal: Seal): void {
  if (typeof node !== 'object' || node === null) return
  if (Array.isArray(node)) {
    for (const item of node) sealNeedles(item, seal)
    return
  }
  const { type, operator, left, right, callee, args, filter } = node as Node
  if (type === 'BinaryExpression' && operator !== undefined && comparisons.has(operator.value)) {
    sealLiteral(left, seal)
    sealLiteral(right, seal)
  }
  if (type === 'CallExpression' && callee?.type === 'MemberExpression') sealLiteral(args?.[0], seal)
  if (type === 'FilterExpression' && filter?.type === 'CallExpression') sealLiteral(filter.args?.[0], seal)
  for (const member of Object.values(node)) sealNeedles(member, seal)
}

function sealLiteral(node: Node | undefined, seal: Seal): void {
  if (node?.type === 'StringLiteral' && typeof node.value === 'string') node.value = seal.text(node.value)
}
