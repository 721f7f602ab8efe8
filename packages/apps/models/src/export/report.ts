/** What `hadal export` prints of its proof: a table, a verdict, and the path of the report. */

import type { Terminal } from '@hadal/output'
import { exitCodes, formatTable, say } from '@hadal/output'
import type { ParityReport } from '@hadal/train'
import { exportDiffers } from '../errors.ts'
import { writeParityReport } from './proof.ts'

/**
 * Reports on the files written to `out`. Throws `export_differs` if the proof fails; the export and the
 * report stay.
 */
export async function reportProof(
  report: ParityReport,
  out: string,
  json: boolean | undefined,
  terminal: Terminal,
): Promise<number> {
  const page = await writeParityReport(out, report)
  if (json) terminal.print(JSON.stringify({ path: out, ...report }, null, 2))
  else show(report, out, page, terminal)
  if (report.verdict === 'fail') throw exportDiffers(out, report.issues, page)
  return exitCodes.success
}

function show(report: ParityReport, out: string, page: string, { print, style }: Terminal): void {
  const { bold, dim, green, red } = style
  const number = (value: number): string => (value === 0 ? '0' : value.toPrecision(3))
  const { withoutAdapter } = report
  const rows = [
    ...report.prompts,
    { name: 'all', ...report.overall },
    ...(withoutAdapter ? [{ name: 'without the adapter', ...withoutAdapter }] : []),
  ].map((found) => [
    found.name,
    String(found.tokens),
    number(found.maxDifference),
    number(found.meanDivergence),
    number(found.maxDivergence),
    `${(100 * found.agreement).toFixed(1)} %`,
  ])
  const heads = [
    say`text`,
    say`tokens`,
    say`logits differ by`,
    say`mean divergence`,
    say`largest`,
    say`same next token`,
  ]
  print(formatTable([heads.map(dim), ...rows], ['left', 'right', 'right', 'right', 'right', 'right']))
  const subject = withoutAdapter ? say`adapter` : say`model`
  const verdict =
    report.verdict === 'pass'
      ? green(say`the same ${subject}, as far as ${report.precision} goes`)
      : red(say`a different ${subject}`)
  print(say`\n${bold(out)}, read by ${report.readBy}: ${verdict}\n${dim(page)}`)
}
