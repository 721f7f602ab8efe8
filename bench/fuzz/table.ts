/** The table of a run, for the report and for docs/reliability.md. */

import { markdownTable } from '../report-files.ts'
import type { FuzzRun } from './harness.ts'

export interface ParserRun extends FuzzRun {
  readonly parser: string
  /** Why the fuzzer ended before its last input: a crash, a hang, too much memory. */
  readonly ended?: string
}

export const parserTable = (runs: readonly ParserRun[]): string =>
  markdownTable(
    ['parser', 'inputs', 'rejected', 'CPU per input, µs', 'slowest input, CPU ms', 'other errors'],
    runs.map((run) => [
      run.parser,
      run.inputs,
      run.rejected,
      ((run.cpuSeconds * 1e6) / Math.max(1, run.inputs)).toFixed(0),
      (run.slowestMicros / 1000).toFixed(1),
      run.findings.length,
    ]),
  )
