/** `hadal op test`, in its process: tests an operator and prints the results, one per line. */

import type { Style, Terminal } from '@hadal/output'
import { exitCodes, formatTable } from '@hadal/output'
import { type CheckLine, type CheckReport, checkOp, type OpModule } from '@hadal/tensor'
import type { OpJob } from './op-process.ts'

export async function testOp(
  module: OpModule,
  { seed, json }: Extract<OpJob, { kind: 'test' }>,
  terminal: Terminal,
): Promise<number> {
  const report = await checkOp(module, { seed, log: (line) => terminal.status(line) })
  terminal.status('')
  terminal.print(json ? JSON.stringify(report, null, 2) : checkText(report, terminal.style))
  return report.lines.some(({ outcome }) => outcome === 'failed') ? exitCodes.failure : exitCodes.success
}

export function checkText({ name, build, lines }: CheckReport, style: Style): string {
  const paint = { passed: style.green, failed: style.red, skipped: style.yellow }
  const rows = lines.map(({ what, outcome, detail }: CheckLine) => [
    `  ${paint[outcome](outcome)}`,
    what,
    outcome === 'failed' ? detail : style.dim(detail),
  ])
  const count = (outcome: CheckLine['outcome']): number =>
    lines.filter((each) => each.outcome === outcome).length
  const [failed, skipped] = [count('failed'), count('skipped')]
  return [
    `${style.bold(name)}  ${style.dim(build)}`,
    '',
    formatTable(rows, ['left', 'left', 'left']),
    '',
    failed > 0
      ? style.red(`${failed} of ${lines.length} checks failed`)
      : `${style.green(`${count('passed')} checks passed`)}${skipped > 0 ? `, ${skipped} skipped` : ''}`,
  ].join('\n')
}
