/** Parses YAML or JSON to plain values with line numbers, or reports why kubectl cannot read it. */

import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  visit,
  type YAMLMap,
} from 'yaml'
import { keyText, lineIn, type Path } from './positions.ts'
import { scalarTags } from './scalar-tags.ts'
import { slipAt, slipIn } from './slips.ts'

export interface ReadDocument {
  readonly value: unknown
  /** Line of a path, from 1, or of the nearest thing above it that is there. */
  lineOf(path: Path): number
  readonly issues: readonly TextIssue[]
}

/** An error in the text that cannot be attributed to an object. */
export interface TextIssue {
  readonly rule: 'alias_bomb' | 'duplicate_key' | 'helm_template' | 'not_text' | 'too_large' | 'yaml_syntax'
  readonly line: number
  readonly path: Path
  readonly reason: string
  readonly fix: string
}

/** An object may have 1.5 MiB in etcd, so a file above this holds thousands of them, or something else. */
const fileLimit = 16 * 1024 * 1024
/** Values of one document after its aliases are followed. */
const valueLimit = 500_000
const depthLimit = 200

const nowhere = (rule: TextIssue['rule'], line: number, reason: string, fix: string): ReadDocument => ({
  value: undefined,
  lineOf: () => line,
  issues: [{ rule, line, path: [], reason, fix }],
})

/** Never throws. */
export function readDocuments(source: string): ReadDocument[] {
  const text = source.replace(/^\uFEFF/, '')
  if (text.length > fileLimit)
    return [
      nowhere(
        'too_large',
        1,
        `the file has ${Math.round(text.length / 1024 / 1024)} MiB; files above 16 MiB are not read`,
        'Split it into several files.',
      ),
    ]
  const control = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F\uFFFD]/.exec(text)
  if (control !== null)
    return [
      nowhere(
        'not_text',
        text.slice(0, control.index).split('\n').length,
        `the file contains a character that YAML forbids (code ${control[0].charCodeAt(0)}), so it is not UTF-8 text`,
        'Pass the linter manifests in YAML or JSON, saved as UTF-8.',
      ),
    ]
  const counter = new LineCounter()
  let documents: Document[]
  try {
    const parsed = parseAllDocuments(text, {
      version: '1.1',
      schema: 'failsafe',
      customTags: [...scalarTags],
      merge: true,
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
      lineCounter: counter,
    })
    documents = Array.isArray(parsed) ? (parsed as unknown as Document[]) : []
  } catch (error) {
    return [nowhere('yaml_syntax', 1, plain(error), 'Correct the YAML.')]
  }
  return documents.map((document) => {
    try {
      return readOne(document, counter, text)
    } catch (error) {
      // Values that are nested deeper than the stack is.
      return nowhere(
        'yaml_syntax',
        1,
        `the YAML cannot be parsed: ${String(error)}`,
        'Correct the YAML, and reduce its nesting.',
      )
    }
  })
}

/** The parser's message on one line; a stack overflow is reported as its cause. */
function plain(error: unknown): string {
  const message = error instanceof Error ? error.message.replace(/\s+/g, ' ') : String(error)
  return /call stack/.test(message) ? 'brackets are nested too deep' : message
}

function readOne(document: Document, counter: LineCounter, text: string): ReadDocument {
  const lineOf = (path: Path): number => lineIn(document, counter, path)
  const error = document.errors[0]
  const start = document.range?.[0] ?? 0
  const own = text.slice(start, document.range?.[2] ?? text.length)
  const isTemplate =
    /\{\{-?\s*(\.|\$|\/\*|if |range |end\b|include |define |with |template |toYaml |else\b)/.test(own)
  if (isTemplate && (error !== undefined || hasMapAsKey(document))) {
    const at = start + own.indexOf('{{')
    return nowhere(
      'helm_template',
      counter.linePos(at).line,
      'the file is an unrendered Helm template',
      'Render it first: helm template RELEASE CHART | hadal deploy lint -',
    )
  }
  if (error !== undefined) {
    const [line, reason, fix] = slipIn(own, counter.linePos(start).line) ?? slipAt(error, counter, text)
    return nowhere('yaml_syntax', line, reason, fix)
  }
  const lost = aliasOfNothing(document)
  if (lost !== undefined)
    return nowhere(
      'yaml_syntax',
      counter.linePos(lost.range?.[0] ?? start).line,
      `the alias *${lost.source} has no anchor before it`,
      'Correct the alias name, or quote the value.',
    )
  const size = expandedSize(document)
  if (size > valueLimit)
    return nowhere(
      'alias_bomb',
      counter.linePos(start).line,
      `the document expands to more than ${valueLimit} values when its aliases are resolved`,
      'Write the values out, or use fewer aliases.',
    )
  const issues: TextIssue[] = asMissingSeparator(duplicateKeys(document, counter))
  const value: unknown = document.toJS({ maxAliasCount: -1 })
  const endless = endlessNumber(value, [])
  if (endless !== undefined)
    issues.push({
      rule: 'yaml_syntax',
      line: lineOf(endless),
      path: endless,
      reason: 'infinity and not-a-number cannot be represented in JSON, which the API server receives',
      fix: 'Use a finite number, or quote the value.',
    })
  return { value, lineOf, issues }
}

function hasMapAsKey(document: Document): boolean {
  let found = false
  visit(document, {
    Pair(_, pair) {
      if (isMap(pair.key) || isSeq(pair.key)) {
        found = true
        return visit.BREAK
      }
      return undefined
    },
  })
  return found
}

function aliasOfNothing(document: Document): Alias | undefined {
  let found: Alias | undefined
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return undefined
      found = alias
      return visit.BREAK
    },
  })
  return found
}

/** Number of values after expanding all aliases; infinite if one contains itself. */
function expandedSize(document: Document): number {
  const known = new Map<unknown, number>()
  const open = new Set<unknown>()
  const size = (node: unknown, depth: number): number => {
    if (depth > depthLimit) throw new RangeError(`values are nested more than ${depthLimit} deep`)
    if (isAlias(node)) return size((node as Alias).resolve(document), depth + 1)
    if (!isMap(node) && !isSeq(node)) return 1
    if (open.has(node)) return Number.POSITIVE_INFINITY
    const before = known.get(node)
    if (before !== undefined) return before
    open.add(node)
    let sum = 1
    if (isSeq(node)) for (const item of node.items) sum += size(item, depth + 1)
    else for (const pair of (node as YAMLMap).items) sum += 1 + size(pair.value, depth + 1)
    open.delete(node)
    known.set(node, sum)
    return sum
  }
  return size(document.contents, 0)
}

function duplicateKeys(document: Document, counter: LineCounter): TextIssue[] {
  const issues: TextIssue[] = []
  const walk = (node: unknown, path: Path): void => {
    if (isSeq(node))
      node.items.forEach((item, index) => {
        walk(item, [...path, index])
      })
    if (!isMap(node)) return
    const seen = new Set<string>()
    for (const { key, value } of node.items) {
      const name = keyText(key)
      if (seen.has(name) && name !== '<<') {
        const start = isScalar(key) ? (key.range?.[0] ?? 0) : 0
        issues.push({
          rule: 'duplicate_key',
          line: counter.linePos(start).line,
          path: [...path, name],
          reason: `the key ${name} is duplicated in this map; strict decoding rejects duplicates`,
          fix: 'Delete one of the two.',
        })
      }
      seen.add(name)
      walk(value, [...path, name])
    }
  }
  walk(document.contents, [])
  return issues
}

/** A second apiVersion and kind at the top are a second object, and all that follows comes of the missing line. */
function asMissingSeparator(issues: TextIssue[]): TextIssue[] {
  const isTop = (name: string) => (issue: TextIssue) => issue.path.length === 1 && issue.path[0] === name
  const second = issues.find(isTop('apiVersion'))
  if (second === undefined || !issues.some(isTop('kind'))) return issues
  return [
    {
      ...second,
      reason:
        'a second object starts here without a --- line before it: its keys overwrite those of the first',
      fix: 'Put --- on its own line before this line.',
    },
  ]
}

function endlessNumber(value: unknown, path: Path): Path | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : path
  if (typeof value !== 'object' || value === null) return undefined
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value)
  for (const [key, one] of entries) {
    const found = endlessNumber(one, [...path, key])
    if (found !== undefined) return found
  }
  return undefined
}
