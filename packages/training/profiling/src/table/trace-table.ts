/** A profile in the terminal: metrics, advice, phases, operators. Pure: returns lines, coloured if requested. */

import { formatBytes } from '@hadal/base'
import { type Advice, percent } from '../advice/rule.ts'
import type { Facts } from '../facts.ts'
import { figuresOf } from '../page/figures.ts'
import type { TraceSummary } from '../summary/summary.ts'
import { alignedRows } from './aligned-rows.ts'
import { formatMicros } from './format-micros.ts'

export interface TableInput {
  readonly summary: TraceSummary
  readonly advice: readonly Advice[]
  readonly facts?: Facts | undefined
}

export interface TableOptions {
  /** Operators that are shown. Default: 12. */
  readonly rows?: number
  /** Columns of the terminal. Default: 100. */
  readonly width?: number
  readonly paint?: (text: string, style: 'bold' | 'dim') => string
}

export function traceTable(
  { summary, advice, facts = {} }: TableInput,
  options: TableOptions = {},
): string[] {
  const { rows = 12, width = 100, paint = (text) => text } = options
  const head = (text: string): string[] => ['', paint(text, 'bold')]
  const lines: string[] = []
  if (facts.title !== undefined) lines.push(paint(facts.title, 'bold'))
  const about = Object.entries(facts.about ?? {})
    .map((each) => each.join(' '))
    .join(', ')
  if (about !== '') lines.push(...wrapped(about, width, '', '  ').map((line) => paint(line, 'dim')))
  lines.push(
    ...alignedRows(
      figuresOf(summary, facts).map(([name, value, more]) => [`  ${name}`, value, more ?? '']),
      'lrl',
    ),
  )
  if (advice.length > 0) {
    lines.push(...head('Findings'))
    for (const { sentence, cause, change } of advice) {
      lines.push(...wrapped(sentence, width, '  • ', '    '))
      lines.push(...wrapped(`${cause} ${change}`, width, '    ', '    ').map((line) => paint(line, 'dim')))
    }
  }
  lines.push(
    ...phaseLines(summary, head),
    ...operatorLines(summary, rows, width, head),
    ...moduleLines(summary, width, head),
  )
  lines.push(...memoryLines(facts, head))
  for (const note of summary.notes) lines.push('', ...wrapped(`note: ${note}`, width, '', '  '))
  return lines
}

type Head = (text: string) => string[]

function phaseLines({ phases, steps }: TraceSummary, head: Head): string[] {
  if (phases.length === 0) return []
  const per = Math.max(1, steps.length)
  const rows = phases.map(({ name, micros, share, nativeMicros }) => [
    `  ${name}`,
    percent(share),
    formatMicros(micros / per),
    `${percent(micros > 0 ? nativeMicros / micros : 0)} in compiled code`,
  ])
  return [...head(`Phases${steps.length > 0 ? ' of a step' : ''}`), ...alignedRows(rows, 'lrrl')]
}

/** Widths of the name and of the text at the end of its row, after the columns between them. */
function roomFor(width: number, figures: number): readonly [name: number, last: number] {
  const room = Math.max(32, width - figures)
  const name = Math.min(44, room - 14)
  return [name, Math.min(36, room - name)]
}

function operatorLines(
  { operators, steps }: TraceSummary,
  shown: number,
  width: number,
  head: Head,
): string[] {
  if (operators.length === 0) return []
  const per = Math.max(1, steps.length)
  const [nameRoom, shapesRoom] = roomFor(width, 44)
  const rows = operators
    .slice(0, shown)
    .map(({ name, share, selfMicros, totalMicros, count, shapes }) => [
      `  ${cut(name, nameRoom)}`,
      percent(share),
      formatMicros(selfMicros / per),
      formatMicros(totalMicros / per),
      Math.round(count / per).toLocaleString('en'),
      cut(shapes[0]?.shapes ?? '', shapesRoom),
    ])
  const titles = ['  operator', 'share', 'itself', 'with calls', 'calls', 'longest on']
  return [
    ...head(`Compiled code${steps.length > 0 ? ', a step' : ''}`),
    ...alignedRows([titles, ...rows], 'lrrrrl'),
  ]
}

function moduleLines({ modules, steps }: TraceSummary, width: number, head: Head): string[] {
  if (modules.length === 0) return []
  const per = Math.max(1, steps.length)
  const [nameRoom, maxRoom] = roomFor(width, 33)
  const rows = modules
    .slice(0, 10)
    .map(({ name, share, forwardMicros, backwardMicros, most }) => [
      `  ${cut(name, nameRoom)}`,
      percent(share),
      formatMicros(forwardMicros / per),
      formatMicros(backwardMicros / per),
      cut(most, maxRoom),
    ])
  const titles = ['  part', 'share', 'forward', 'back', 'mostly']
  return [...head('Modules, summed over layers'), ...alignedRows([titles, ...rows], 'lrrrl')]
}

function memoryLines({ memory }: Facts, head: Head): string[] {
  if (!memory) return []
  const { peakBytes, ...owners } = memory
  const rows = Object.entries(owners)
    .filter(([, bytes]) => bytes > 0)
    .sort(([, one], [, other]) => other - one)
    .map(([name, bytes]) => [`  ${name}`, formatBytes(bytes), percent(peakBytes > 0 ? bytes / peakBytes : 0)])
  return [...head(`Allocations at the ${formatBytes(peakBytes)} peak`), ...alignedRows(rows, 'lrr')]
}

const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`

/** In lines of at most `width`, but for longer words. */
function wrapped(text: string, width: number, first: string, others: string): string[] {
  const lines: string[] = []
  let line = first
  let isEmpty = true
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line)
      line = others
      isEmpty = true
    }
    line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, line]
}
