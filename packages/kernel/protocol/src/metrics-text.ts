/**
 * Parses a `/metrics` response in Prometheus' text format: names, labels, values
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). OpenMetrics exemplars and timestamps are skipped. Tolerates
 * any input: invalid lines are counted and skipped. Linear in the length of the text.
 */

export interface MetricSample {
  readonly name: string
  /** Without a prototype: labels can have any name. */
  readonly labels: Readonly<Record<string, string>>
  /** May be NaN or infinite. */
  readonly value: number
}

export interface MetricsText {
  readonly samples: readonly MetricSample[]
  /** Types from `# TYPE` by name: `counter`, `gauge`, `histogram`. */
  readonly kinds: ReadonlyMap<string, string>
  /** Invalid lines: an HTML page has nothing else. */
  readonly unreadLines: number
}

/** Further lines are ignored. */
const maxLines = 200_000
const longestLine = 16_384

const typeLine = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) ([a-z]+)$/
const namePart = /[a-zA-Z_:][a-zA-Z0-9_:]*/y
const labelPart = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"/y
const numberPart = /^[ \t]+([+-]?(?:Inf|NaN|[0-9][0-9.eE+-]*|\.[0-9][0-9eE+-]*))(?=[ \t]|$)/i

/**
 * Never throws.
 *
 * @example
 * ```ts
 * import { parseMetricsText } from '@hadal/protocol'
 *
 * const { samples } = parseMetricsText('# TYPE up gauge\nup{job="hadal"} 1\n')
 * samples.map(({ name, value }) => `${name} ${value}`) // → [ 'up 1' ]
 * ```
 */
export function parseMetricsText(text: string): MetricsText {
  const samples: MetricSample[] = []
  const kinds = new Map<string, string>()
  let unreadLines = 0
  let lines = 0
  for (let start = 0; start < text.length && lines < maxLines; lines += 1) {
    const newline = text.indexOf('\n', start)
    const end = newline < 0 ? text.length : newline
    const line = end - start > longestLine ? undefined : text.slice(start, end).trim()
    start = end + 1
    if (line === '') continue
    if (line === undefined) unreadLines += 1
    else if (line.startsWith('#')) {
      const [, name, kind] = typeLine.exec(line) ?? []
      if (name !== undefined) kinds.set(name, kind!)
    } else {
      const sample = sampleOf(line)
      if (sample === undefined) unreadLines += 1
      else samples.push(sample)
    }
  }
  return { samples, kinds, unreadLines }
}

function sampleOf(line: string): MetricSample | undefined {
  namePart.lastIndex = 0
  const name = namePart.exec(line)?.[0]
  if (name === undefined) return undefined
  const labels: Record<string, string> = Object.create(null)
  let at = name.length
  if (line[at] === '{') {
    const end = readLabels(line, at + 1, labels)
    if (end === undefined) return undefined
    at = end
  }
  const text = numberPart.exec(line.slice(at))?.[1]
  const value = text === undefined ? undefined : numberOf(text)
  return value === undefined ? undefined : { name, labels, value }
}

/** The text after the closing brace; undefined if there is none. */
function readLabels(line: string, from: number, labels: Record<string, string>): number | undefined {
  let at = from
  for (;;) {
    while (line[at] === ' ' || line[at] === ',') at += 1
    if (line[at] === '}') return at + 1
    labelPart.lastIndex = at
    const label = labelPart.exec(line)
    if (label === null) return undefined
    let value = ''
    for (at = labelPart.lastIndex; line[at] !== '"'; at += 1) {
      if (at >= line.length) return undefined
      if (line[at] !== '\\') value += line[at]
      else {
        at += 1
        value += line[at] === 'n' ? '\n' : (line[at] ?? '')
      }
    }
    labels[label[1]!] = value
    at += 1
  }
}

function numberOf(text: string): number | undefined {
  const plain = text.toLowerCase()
  if (plain.endsWith('nan')) return Number.NaN
  if (plain.endsWith('inf'))
    return plain.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  const value = Number(text)
  return Number.isNaN(value) ? undefined : value
}
