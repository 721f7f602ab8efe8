/**
 * The language of a pattern. Because anchors and lookahead refer to the surrounding text, each part is processed together with its
 * continuation and whether it is at the start.
 */

import { regexTooLarge, regexUnsupported } from '../errors.ts'
import { everyCodePoint } from './code-points.ts'
import { anyText, both, either, emptyText, inSequence, type Language, not, setOf, times } from './language.ts'
import { parseRegex, type RegexNode } from './parse-regex.ts'

/** Texts that the pattern matches entirely. */
export function wholeTextLanguage(pattern: string): Language {
  return new Reader(pattern).read(parseRegex(pattern), 'yes', emptyText)
}

/** Texts that contain a match, as in JSON Schema: unanchored patterns may match anywhere. */
export function searchLanguage(pattern: string): Language {
  const node = parseRegex(pattern)
  const at = (start: AtStart): Language => new Reader(pattern).read(node, start, anyText)
  if (!hasStart(node)) return inSequence(anyText, at('no'))
  const later = at('no')
  return isImpossible(later) ? at('yes') : either(at('yes'), inSequence(someText, later))
}

/** At least one character. */
const someText = times(setOf(everyCodePoint), 1, Number.POSITIVE_INFINITY)

type AtStart = 'yes' | 'no' | 'maybe'

/** Maximum expansions of choices and options around assertions. */
const maxReadings = 2000

class Reader {
  private readonly pattern: string
  private readings = 0

  constructor(pattern: string) {
    this.pattern = pattern
  }

  /** The possible texts from here to the end: the node, then `rest`. */
  read(node: RegexNode, start: AtStart, rest: Language): Language {
    if (!hasAssertion(node)) return followedBy(plain(node), rest)
    if (++this.readings > maxReadings)
      throw regexTooLarge(this.pattern, 'its anchors and lookahead stand in too many choices')
    switch (node.kind) {
      case 'sequence': {
        const [first, ...others] = node.items
        if (first === undefined) return rest
        const after = this.read({ kind: 'sequence', items: others }, startAfter(first, start), rest)
        return isImpossible(after) ? after : this.read(first, start, after)
      }
      case 'choice':
        return either(
          ...node.items.map((item) => this.read(item, start, rest)).filter((each) => !isImpossible(each)),
        )
      case 'repeat': {
        if (node.max > 1) throw this.unsupported(node, 'an anchor or lookahead in a repetition')
        const once = node.max === 0 ? either() : this.read(node.item, start, rest)
        return node.min === 0 ? either(once, rest) : once
      }
      case 'start':
        if (start === 'maybe') throw this.unsupported(node, 'an anchor amid the pattern')
        return start === 'yes' ? rest : either()
      case 'end':
        return rest === anyText || rest === emptyText ? emptyText : both(emptyText, rest)
      case 'lookahead': {
        const ahead = this.read(node.item, start, anyText)
        const condition = node.negated ? not(ahead) : ahead
        return rest === anyText ? condition : both(condition, rest)
      }
      default:
        return rest
    }
  }

  private unsupported(node: RegexNode & { readonly position: number }, reason: string): Error {
    return regexUnsupported(this.pattern, node.position, reason)
  }
}

function followedBy(language: Language, rest: Language): Language {
  const isEmpty = language.kind === 'sequence' && language.items.length === 0
  if (isEmpty) return rest
  return rest === emptyText ? language : inSequence(language, rest)
}

function isImpossible(language: Language): boolean {
  return language.kind === 'choice' && language.items.length === 0
}

function hasAssertion(node: RegexNode): boolean {
  switch (node.kind) {
    case 'set':
      return false
    case 'repeat':
      return hasAssertion(node.item)
    case 'sequence':
    case 'choice':
      return node.items.some(hasAssertion)
    default:
      return true
  }
}

function hasStart(node: RegexNode): boolean {
  if (node.kind === 'start') return true
  if (node.kind === 'repeat' || node.kind === 'lookahead') return hasStart(node.item)
  return 'items' in node && node.items.some(hasStart)
}

/** Whether the continuation of the node is at the start of the text. */
function startAfter(node: RegexNode, start: AtStart): AtStart {
  if (start === 'no') return 'no'
  const [least, most] = widths(node)
  if (most === 0) return start
  return least > 0 ? 'no' : 'maybe'
}

/** Minimum and maximum length. */
function widths(node: RegexNode): readonly [least: number, most: number] {
  switch (node.kind) {
    case 'set':
      return [1, 1]
    case 'sequence': {
      const all = node.items.map(widths)
      return [all.reduce((sum, [least]) => sum + least, 0), all.reduce((sum, [, most]) => sum + most, 0)]
    }
    case 'choice': {
      const all = node.items.map(widths)
      return [Math.min(...all.map(([least]) => least)), Math.max(...all.map(([, most]) => most))]
    }
    case 'repeat': {
      const [least, most] = widths(node.item)
      return [least * node.min, most === 0 ? 0 : most * node.max]
    }
    default:
      return [0, 0]
  }
}

function plain(node: RegexNode): Language {
  switch (node.kind) {
    case 'set':
      return setOf(node.set)
    case 'sequence':
      return inSequence(...node.items.map(plain))
    case 'choice':
      return either(...node.items.map(plain))
    case 'repeat':
      return times(plain(node.item), node.min, node.max)
    default:
      throw new TypeError(`${node.kind} is an assertion`)
  }
}
