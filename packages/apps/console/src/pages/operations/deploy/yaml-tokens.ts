/** Simple syntax highlighting of a YAML, JSON or Markdown line. Linear time. Pure. */

export interface YamlToken {
  readonly kind: 'plain' | 'comment' | 'key' | 'text' | 'mark'
  readonly text: string
}

/** A longer line is drawn plain. */
const longest = 2000

export function yamlTokens(line: string): readonly YamlToken[] {
  if (line.length > longest) return [{ kind: 'plain', text: line }]
  const indent = /^\s*(?:- +)*/.exec(line)![0]
  const rest = line.slice(indent.length)
  const start: YamlToken[] = indent === '' ? [] : [{ kind: 'mark', text: indent }]
  if (rest.startsWith('#')) return [...start, { kind: 'comment', text: rest }]
  if (rest === '---') return [...start, { kind: 'mark', text: rest }]
  const key = /^("[^"]*"|'[^']*'|[\w./$-]+)(:)(?=\s|$)/.exec(rest)
  if (key === null) return [...start, ...valueTokens(rest)]
  return [
    ...start,
    { kind: 'key', text: key[1]! },
    { kind: 'mark', text: ':' },
    ...valueTokens(rest.slice(key[0].length)),
  ]
}

function valueTokens(value: string): readonly YamlToken[] {
  if (value === '') return []
  const isQuoted = /^\s*["']/.test(value)
  const comment = isQuoted ? -1 : value.search(/\s#\s/)
  if (comment !== -1)
    return [...valueTokens(value.slice(0, comment)), { kind: 'comment', text: value.slice(comment) }]
  return [{ kind: isQuoted ? 'text' : 'plain', text: value }]
}
