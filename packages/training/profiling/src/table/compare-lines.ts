/** Compares two profiles: what became slower, and what faster. Pure: returns lines. */

import { formatBytes } from '@hadal/base'
import { percent } from '../advice/rule.ts'
import type { Facts } from '../facts.ts'
import type { TraceSummary } from '../summary/summary.ts'
import { alignedRows } from './aligned-rows.ts'
import { formatMicros } from './format-micros.ts'

export interface Compared {
  readonly title: string
  readonly summary: TraceSummary
  readonly facts: Facts
}

export interface CompareOptions {
  /** Operators that are shown. Default: 12. */
  readonly rows?: number
  readonly paint?: (text: string, style: 'bold' | 'dim') => string
}

/** Times are of one step where both have steps. */
export function compareLines(before: Compared, after: Compared, options: CompareOptions = {}): string[] {
  const { rows = 12, paint = (text) => text } = options
  const [one, other] = [stepsOf(before.summary), stepsOf(after.summary)]
  const times = (name: string, first: number, second: number): string[] => [
    `  ${name}`,
    first === 0 ? '' : formatMicros(first),
    second === 0 ? '' : formatMicros(second),
    `${second >= first ? '+' : '−'}${formatMicros(Math.abs(second - first))}`,
  ]
  const heads = ['', 'first', 'second', 'difference']
  const whole = [
    times('a step', before.summary.totalMicros / one, after.summary.totalMicros / other),
    times('outside compiled code', before.summary.outside.micros / one, after.summary.outside.micros / other),
    times('waiting', before.summary.waiting.micros / one, after.summary.waiting.micros / other),
    ...memoryRows(before.facts, after.facts),
  ]
  const phases = merged(
    before.summary.phases.map(({ name, micros }) => [name, micros / one]),
    after.summary.phases.map(({ name, micros }) => [name, micros / other]),
  )
  const operators = merged(
    before.summary.operators.map(({ name, selfMicros }) => [name, selfMicros / one]),
    after.summary.operators.map(({ name, selfMicros }) => [name, selfMicros / other]),
  ).slice(0, rows)
  const table = (title: string, list: readonly (readonly [string, number, number])[]): string[] =>
    list.length === 0
      ? []
      : ['', paint(title, 'bold'), ...alignedRows([heads, ...list.map((row) => times(...row))], 'lrrr')]
  return [
    `${paint('first ', 'dim')} ${before.title}`,
    `${paint('second', 'dim')} ${after.title}`,
    '',
    ...alignedRows([heads, ...whole], 'lrrr'),
    ...table('Phases', phases),
    ...table('Compiled code, self time: largest differences', operators),
  ]
}

const stepsOf = ({ steps }: TraceSummary): number => Math.max(1, steps.length)

function memoryRows({ memory: one, utilization: used }: Facts, after: Facts): string[][] {
  const rows: string[][] = []
  const { memory: other, utilization: usedAfter } = after
  if (used !== undefined && usedAfter !== undefined)
    rows.push(['  utilization (MFU)', percent(used), percent(usedAfter), ''])
  if (one && other)
    rows.push([
      '  memory at the peak',
      formatBytes(one.peakBytes),
      formatBytes(other.peakBytes),
      `${other.peakBytes >= one.peakBytes ? '+' : '−'}${formatBytes(Math.abs(other.peakBytes - one.peakBytes))}`,
    ])
  return rows
}

/** By how much they differ. */
function merged(
  before: readonly (readonly [name: string, micros: number])[],
  after: readonly (readonly [name: string, micros: number])[],
): [name: string, before: number, after: number][] {
  const [first, second] = [new Map(before), new Map(after)]
  return [...new Set([...first.keys(), ...second.keys()])]
    .map((name): [string, number, number] => [name, first.get(name) ?? 0, second.get(name) ?? 0])
    .sort(([, a, b], [, c, d]) => Math.abs(d - c) - Math.abs(b - a))
}
