/**
 * Metrics as JSON lines, one a step, one an evaluation and one a decision of the divergence guard: a listener to a run's events. Going
 * back to an earlier step, after a kill or a decision, first drops what was logged after it, so the file always reads as one
 * uninterrupted run.
 */

import { existsSync, readFileSync, truncateSync } from 'node:fs'
import type { RunControl, TrainLog } from './events.ts'
import { LogFile } from './log-file.ts'

export interface MetricsLine {
  readonly step: number
  readonly loss?: number
  readonly epoch?: number
  readonly learningRate?: number
  readonly gradientNorm?: number
  readonly tokens?: number
  /** Where the model has experts. */
  readonly expertImbalance?: number
  readonly memoryBytes?: number
  readonly seconds?: number
  readonly validLoss?: number
  /** What the divergence guard did after this step, the number of times it has, and what for. */
  readonly decision?: string
  readonly intervention?: number
  readonly failedStep?: number
  readonly layer?: string
  readonly batch?: string
  readonly rateFactor?: number
}

/** Appends to `path` from the step the run starts at. A file that is damaged ends before the first line that is no metrics, with a warning. */
export function metricsLog(path: string): TrainLog {
  const file = new LogFile(path)
  const write = (line: MetricsLine): void => file.append(`${JSON.stringify(line)}\n`)
  return (event, control) => {
    if (event.type === 'started') cut(path, event.step, event.interventions, control)
    else if (event.type === 'step') {
      const { type: _, totalSteps: __, layerNorms: ___, expertImbalance, ...line } = event
      write(expertImbalance === 1 ? line : { ...line, expertImbalance })
    } else if (event.type === 'evaluated') {
      write({ step: event.step, validLoss: event.loss, seconds: event.seconds })
    } else if (event.type === 'decision') {
      const { type: _, message: decision, number: intervention, ...line } = event
      cut(path, event.step, intervention - 1, control)
      write({ ...line, decision, intervention })
    }
  }
}

/** Ends the file before the first line of a later step or decision. */
function cut(
  path: string,
  step: number,
  interventions: number,
  control: Pick<RunControl, 'warn'> | undefined,
): void {
  const kept: string[] = []
  for (const line of completeLines(path)) {
    const parsed = parseLine(line)
    if (!parsed) {
      control?.warn(`${path}:${kept.length + 1} is damaged; the file is cut off before it`)
      break
    }
    const { step: at, intervention = 0 } = parsed
    if (at > step || intervention > interventions) break
    kept.push(`${line}\n`)
  }
  if (existsSync(path)) truncateSync(path, Buffer.byteLength(kept.join('')))
}

function parseLine(line: string): MetricsLine | undefined {
  try {
    const parsed = JSON.parse(line) as MetricsLine | null
    return typeof parsed?.step === 'number' ? parsed : undefined
  } catch {
    return undefined
  }
}

/** The lines of a metrics file; none when it does not exist. A last line cut off by a crash is left out. */
export const readMetrics = (path: string): MetricsLine[] =>
  completeLines(path).map((line) => JSON.parse(line) as MetricsLine)

const completeLines = (path: string): string[] =>
  existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []
