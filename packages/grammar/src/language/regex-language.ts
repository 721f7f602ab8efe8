/**
 * What a pattern means as a set of whole texts. Anchors and lookahead are resolved where the rest of the text is known:
 * at the ends of the pattern, and in lookahead that no group or repetition encloses.
 */

import { regexTooLarge, regexUnsupported } from '../errors.ts'
import { anyText, both, either, inSequence, type Language, not, setOf, times } from './language.ts'
import { parseRegex, type RegexNode } from './parse-regex.ts'

/** The texts that the pattern describes from their first to their last character. */
export function wholeTextLanguage(pattern: string): Language {
  return new Resolver(pattern).resolve(parseRegex(pattern), false, false)
}

/** The texts in which the pattern is found, as JSON Schema means it: without anchors it may stand anywhere. */
export function searchLanguage(pattern: string): Language {
  return new Resolver(pattern).resolve(parseRegex(pattern), true, true)
}

/** Choices that begin or end with an anchor are multiplied out, up to this many sequences. */
const maxSequences = 1000

class Resolver {
  private readonly pattern: string
  private sequences = 0

  constructor(pattern: string) {
    this.pattern = pattern
  }

  /** `before`, `after`: whether other text may stand there. */
  resolve(node: RegexNode, before: boolean, after: boolean): Language {
    if (node.kind === 'choice') return either(...node.items.map((item) => this.resolve(item, before, after)))
    if (++this.sequences > maxSequences)
      throw regexTooLarge(this.pattern, 'its anchors stand in too many choices')
    let items = node.kind === 'sequence' ? node.items : [node]
    for (; items[0]?.kind === 'start'; items = items.slice(1)) before = false
    for (; items.at(-1)?.kind === 'end'; items = items.slice(0, -1)) after = false
    const first = items[0]
    const last = items.at(-1)
    if (hasAssertion(first)) {
      return either(...first.items.map((b) => this.resolve(series([b, ...items.slice(1)]), before, after)))
    }
    if (hasAssertion(last)) {
      return either(...last.items.map((b) => this.resolve(series([...items.slice(0, -1), b]), before, after)))
    }
    const look = items.findIndex((item) => item.kind === 'lookahead')
    const looking = items[look]
    if (looking?.kind !== 'lookahead') {
      const plain = items.map((item) => withoutAssertions(this.pattern, item))
      return inSequence(...(before ? [anyText] : []), ...plain, ...(after ? [anyText] : []))
    }
    const ahead = this.resolve(looking.item, false, true)
    const rest = this.resolve(series(items.slice(look + 1)), false, after)
    return inSequence(
      ...(before ? [anyText] : []),
      ...items.slice(0, look).map((item) => withoutAssertions(this.pattern, item)),
      both(looking.negated ? not(ahead) : ahead, rest),
    )
  }
}

function series(items: readonly RegexNode[]): RegexNode {
  const flat = items.flatMap((item) => (item.kind === 'sequence' ? item.items : [item]))
  return flat.length === 1 ? flat[0]! : { kind: 'sequence', items: flat }
}

function hasAssertion(node: RegexNode | undefined): node is RegexNode & { kind: 'choice' } {
  return node?.kind === 'choice' && firstAssertion(node) !== undefined
}

function firstAssertion(node: RegexNode): { readonly position: number } | undefined {
  switch (node.kind) {
    case 'set':
      return undefined
    case 'repeat':
      return firstAssertion(node.item)
    case 'sequence':
    case 'choice':
      for (const item of node.items) {
        const found = firstAssertion(item)
        if (found !== undefined) return found
      }
      return undefined
    default:
      return node
  }
}

function withoutAssertions(pattern: string, node: RegexNode): Language {
  switch (node.kind) {
    case 'set':
      return setOf(node.set)
    case 'sequence':
      return inSequence(...node.items.map((item) => withoutAssertions(pattern, item)))
    case 'choice':
      return either(...node.items.map((item) => withoutAssertions(pattern, item)))
    case 'repeat':
      return times(withoutAssertions(pattern, node.item), node.min, node.max)
    default:
      throw regexUnsupported(
        pattern,
        node.position,
        node.kind === 'lookahead' ? 'lookahead inside a group or a repetition' : 'an anchor amid the pattern',
      )
  }
}
