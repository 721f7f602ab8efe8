/** Output of `hadal bench coldstart`, as text and Markdown. */

import type { Style } from '@hadal/output'
import { formatTable, recognise, say } from '@hadal/output'
import { type ColdStartReport, modes } from './run-cold-start.ts'

/** Published results of the reference serving guide for its preloading. */
const guide = { off: 1200, on: 350 }

const millis = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(0))
/** -71 %. */
const change = (ratio: number): string =>
  `${ratio < 1 ? '-' : '+'}${Math.abs((1 - ratio) * 100).toFixed(0)} %`

/** A name, off, on, the change: medians in milliseconds. */
export function comparisonRows({ medians: { off, on } }: ColdStartReport): string[][] {
  const row = (name: string, before: number | undefined, after: number | undefined): string[] => [
    name,
    millis(before),
    millis(after),
    before && after ? change(after / before) : '',
  ]
  const phases = [...new Set([...Object.keys(off.phases), ...Object.keys(on.phases)])]
  return [
    ['', 'off', 'on', 'change'],
    row('first request', off.firstRequestMillis, on.firstRequestMillis),
    row('spawn to ready', off.readyMillis, on.readyMillis),
    row('spawn to first token', off.firstTokenMillis, on.firstTokenMillis),
    ...phases.map((phase) =>
      row(phase === 'all' ? 'engine, all' : `engine, ${phase}`, off.phases[phase], on.phases[phase]),
    ),
    ['guide, first request', millis(guide.off), millis(guide.on), change(guide.on / guide.off)],
  ]
}

export function coldStartText(report: ColdStartReport, { bold, dim }: Style): string {
  const { off, on } = report.starts
  const [first, ...rows] = comparisonRows(report)
  const cached = on.map(({ cachedTokens, promptTokens }) => `${cachedTokens}/${promptTokens}`)
  return [
    say`${bold(report.model)}, a system prompt of ${report.systemPromptTokens} tokens, medians of ${off.length} starts, ms`,
    '',
    formatTable(
      [first!, ...rows].map((row) => row.map(recognise)),
      ['left', 'right', 'right', 'right'],
    ),
    '',
    dim(say`prompt tokens restored after restart, on: ${cached.join(', ')}`),
  ].join('\n')
}

export function markdownReport(report: ColdStartReport, machine: string): string {
  const [head, ...rows] = comparisonRows(report)
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const raw = modes.map(
    (mode) =>
      `- ${mode} (\`${report.flags[mode].join(' ')}\`): ${report.starts[mode].map((start) => `${millis(start.firstRequestMillis)} / ${millis(start.readyMillis)} / ${millis(start.firstTokenMillis)}`).join(', ')}`,
  )
  return `# Cold start of ${report.model}

- ${machine}
- a system prompt of ${report.systemPromptTokens} tokens; medians of ${report.starts.off.length} starts each, in turns, in milliseconds

${[line(head!), '|---|---:|---:|---:|', ...rows.map(line)].join('\n')}

First request / spawn to ready / spawn to first token of each start:

${raw.join('\n')}
`
}
