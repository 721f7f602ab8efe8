/** What `hadal export --format onnx` prints of its proof: a table, a verdict, and the path of the report. */

import { formatBytes } from '@hadal/base'
import type { Terminal } from '@hadal/output'
import { exitCodes, formatTable, say, writeReportFile } from '@hadal/output'
import { describeImageParity, type ImageDifference, type ImageParityReport } from '@hadal/train'
import { exportDiffers } from '../errors.ts'

/**
 * Reports on the files written to `out`. Throws `export_differs` if the proof fails; the export and the
 * report stay.
 */
export async function reportImageProof(
  report: ImageParityReport,
  out: string,
  json: boolean | undefined,
  terminal: Terminal,
): Promise<number> {
  const page = `${out}.parity.md`
  await writeReportFile(`${out}.parity.json`, `${JSON.stringify(report, null, 2)}\n`)
  await writeReportFile(page, describeImageParity(report))
  if (json) terminal.print(JSON.stringify({ path: out, ...report }, null, 2))
  else show(report, out, page, terminal)
  if (report.verdict === 'fail') throw exportDiffers(out, report.issues, page)
  return exitCodes.success
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`

function show(report: ImageParityReport, out: string, page: string, { print, style }: Terminal): void {
  const { bold, dim, green, red } = style
  const { precision, overall, rounding, accuracy, samples, bytes, fp32Bytes } = report
  const number = (value: number): string => (value === 0 ? '0' : value.toPrecision(3))
  const row = (name: string, found: ImageDifference, right: number | undefined): string[] => [
    name,
    number(found.maxDifference),
    percent(found.withinStep),
    percent(found.agreement),
    right === undefined ? '' : percent(right),
  ]
  const heads = [
    `${samples.count} samples, ${samples.of}`,
    say`logits differ by`,
    say`within a step`,
    say`same class`,
    'right',
  ]
  const rows = [
    row(
      say`onnxruntime against the ${precision === 'INT8' ? say`quantized model` : say`model`}`,
      overall,
      accuracy?.exported,
    ),
    ...(rounding ? [row(say`the quantized model against fp32`, rounding, accuracy?.model)] : []),
    ...(accuracy && rounding ? [['fp32', '', '', '', percent(accuracy.fp32)]] : []),
  ]
  print(formatTable([heads.map(dim), ...rows], ['left', 'right', 'right', 'right', 'right']))
  const size = rounding
    ? say`${formatBytes(bytes)}, ${(fp32Bytes / bytes).toFixed(2)} times smaller than the ${formatBytes(fp32Bytes)} of fp32`
    : formatBytes(bytes)
  const verdict =
    report.verdict === 'pass'
      ? green(say`the same model, as far as ${precision} goes`)
      : red(say`a different model`)
  print(say`\n${bold(out)}, ${size}, read by ${report.readBy}: ${verdict}\n${dim(page)}`)
}

/** Where onnxruntime is not installed. */
export function sayUnproven(
  out: string,
  bytes: { readonly written: number; readonly fp32: number },
  json: boolean | undefined,
  { print, note, noteStyle, style }: Terminal,
): number {
  if (json)
    print(
      JSON.stringify(
        { path: out, bytes: bytes.written, fp32Bytes: bytes.fp32, verdict: 'unproven' },
        null,
        2,
      ),
    )
  else print(`${style.bold(out)}, ${formatBytes(bytes.written)}`)
  note(
    noteStyle.yellow(
      say`not verified: onnxruntime-node is not installed; run \`npm install onnxruntime-node\` and export again`,
    ),
  )
  return exitCodes.success
}
