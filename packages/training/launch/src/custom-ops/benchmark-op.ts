/** `hadal op bench`, in its process: measures an operator against its reference. */

import type { Style, Terminal } from '@hadal/output'
import { exitCodes, formatTable } from '@hadal/output'
import { type BenchLine, type BenchReport, benchOp, type OpModule, setNumThreads } from '@hadal/tensor'
import type { OpJob } from './op-process.ts'

export async function benchmarkOp(
  module: OpModule,
  { rounds, threads, json }: Extract<OpJob, { kind: 'bench' }>,
  terminal: Terminal,
): Promise<number> {
  setNumThreads(threads)
  const report = await benchOp(module, {
    rounds,
    log: (line) => terminal.status(line),
    onLine: ({ shape, direction }) => terminal.status(`measured [${shape.join(', ')}], ${direction}`),
  })
  terminal.status('')
  terminal.print(json ? JSON.stringify(report, null, 2) : benchText(report, threads, terminal.style))
  return exitCodes.success
}

export function benchText({ name, build, lines }: BenchReport, threads: number, style: Style): string {
  const rows = lines.map((line) => [
    `  ${line.dtype}[${line.shape.join(', ')}]`,
    line.direction,
    micros(line.opMicros),
    micros(line.referenceMicros),
    ratio(line, style),
    line.direction === 'forward' ? `${(line.bytes / line.opMicros / 1e3).toFixed(1)} GB/s` : '',
  ])
  const heads = ['  arguments', '', 'operator', 'reference', 'faster by', 'memory'].map(style.dim)
  return [
    `${style.bold(name)}  ${style.dim(build)}`,
    '',
    formatTable([heads, ...rows], ['left', 'left', 'right', 'right', 'right', 'right']),
    '',
    style.dim(
      `Medians of one call over ${lines[0]?.rounds.length ?? 0} alternating rounds, ${threads} thread${threads === 1 ? '' : 's'}. Memory: arguments read and results written once.`,
    ),
  ].join('\n')
}

function ratio({ opMicros, referenceMicros }: BenchLine, { green, red }: Style): string {
  const factor = referenceMicros / opMicros
  const text = `${factor.toFixed(2)}x`
  return factor >= 1.05 ? green(text) : factor <= 0.95 ? red(text) : text
}

const micros = (value: number): string =>
  value >= 1000 ? `${(value / 1000).toFixed(2)} ms` : `${value.toFixed(1)} µs`
