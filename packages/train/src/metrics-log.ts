/**
 * Metrics as JSON lines, one a step and one an evaluation: a listener to a run's events. Resuming first drops what was
 * logged after the checkpoint, so the file always reads as one uninterrupted run.
 */

import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { TrainLog } from './events.ts'

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
}

/** Appends to `path` from the step the run starts at. */
export function metricsLog(path: string): TrainLog {
  const write = (line: MetricsLine): void => appendFileSync(path, `${JSON.stringify(line)}\n`)
  return (event) => {
    if (event.type === 'started') {
      const kept = readMetrics(path).filter((line) => line.step <= event.step)
      writeFileSync(path, kept.map((line) => `${JSON.stringify(line)}\n`).join(''))
    } else if (event.type === 'step') {
      const { type: _, totalSteps: __, layerNorms: ___, expertImbalance, ...line } = event
      write(expertImbalance === 1 ? line : { ...line, expertImbalance })
    } else if (event.type === 'evaluated') {
      write({ step: event.step, validLoss: event.loss, seconds: event.seconds })
    }
  }
}

/** The lines of a metrics file; none when it does not exist. A last line cut off by a crash is left out. */
export function readMetrics(path: string): MetricsLine[] {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.slice(0, -1).map((line) => JSON.parse(line) as MetricsLine)
}
