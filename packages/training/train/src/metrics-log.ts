/**
 * Metrics as JSON lines, one a step, one an evaluation and one a decision of the divergence guard: a listener to a run's events. Going
 * back to an earlier step, after a kill or a decision, first drops what was logged after it, so the file always reads as one
 * uninterrupted run.
 */

import { existsSync, readFileSync, truncateSync } from 'node:fs'
import type { RunControl, TrainLog } from './events.ts'
import { LogFile } from './log-file.ts'
import type { StepMemory } from './memory/step-memory.ts'
import type { RowFigures } from './privacy/row-figures.ts'

export interface MetricsLine {
  readonly step: number
  readonly loss?: number
  readonly epoch?: number
  readonly learningRate?: number
  readonly gradientNorm?: number
  readonly tokens?: number
  /** Where the model has experts. */
  readonly expertImbalance?: number
  /** In fp16: what the loss was multiplied by, and whether gradients overflowed with it. */
  readonly lossScale?: number
  readonly skipped?: true
  readonly memoryBytes?: number
  /** The most that libtorch held in the step, and for whom. */
  readonly memory?: StepMemory
  readonly seconds?: number
  /** Of the rows of a private step; what is promised does not cover it. */
  readonly privacy?: RowFigures
  readonly validLoss?: number
  /** What else an evaluation measures, by name. */
  readonly measures?: Readonly<Record<string, number>>
  /** That a private run had spent. */
  readonly epsilon?: number
  /** What a run with quantisation does otherwise from this step on. */
  readonly phase?: string
  /** What the divergence guard did after this step, the number of times it has, and what for. */
  readonly decision?: string
  readonly intervention?: number
  readonly failedStep?: number
  readonly layer?: string
  readonly batch?: string
  readonly rateFactor?: number
}

/**
 * Appends to `path` from the step the run starts at. A file that is damaged ends before the first line that is no metrics, with a warning.
 *
 * @example
 * ```ts
 * import { run } from './my-run.ts' // export const run = defineRun({ ... })
 * import { metricsLog, readMetrics, train } from '@hadal/train'
 *
 * await train(run, { listeners: [metricsLog('runs/chats/metrics.jsonl')] })
 * console.log(readMetrics('runs/chats/metrics.jsonl').at(-1)?.loss)
 * ```
 */
export function metricsLog(path: string): TrainLog {
  const file = new LogFile(path)
  const write = (line: MetricsLine): void => file.append(`${JSON.stringify(line)}\n`)
  return (event, control) => {
    if (event.type === 'started') cut(path, event.step, event.interventions, control)
    else if (event.type === 'step') {
      const { type: _, totalSteps: __, layerNorms: ___, expertImbalance, ...line } = event
      const { gradientNorm: ____, ...withoutNorm } = line
      const metrics = event.skipped ? withoutNorm : line
      write(expertImbalance === 1 ? metrics : { ...metrics, expertImbalance })
    } else if (event.type === 'evaluated') {
      const { step, loss: validLoss, measures, seconds, epsilon } = event
      write({
        step,
        validLoss,
        ...(measures && { measures }),
        seconds,
        ...(epsilon !== undefined && { epsilon }),
      })
    } else if (event.type === 'phase') write({ step: event.step, phase: event.message })
    else if (event.type === 'decision') {
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
  if (!existsSync(path)) return
  const { lines, damagedLine } = soundLines(path)
  const later = lines.findIndex(
    ({ metrics }) => metrics.step > step || (metrics.intervention ?? 0) > interventions,
  )
  if (later === -1 && damagedLine !== undefined)
    control?.warn(`${path}:${damagedLine} is damaged; the file is cut off before it`)
  const kept = later === -1 ? lines : lines.slice(0, later)
  truncateSync(path, Buffer.byteLength(kept.map(({ text }) => `${text}\n`).join('')))
}

/**
 * The lines of a metrics file; none when it does not exist. It ends where a run that goes on cuts it off: before the first line that
 * is damaged, or that a crash cut short.
 *
 * @example
 * ```ts
 * import { readMetrics } from '@hadal/train'
 *
 * for (const { step, loss, validLoss } of readMetrics('runs/chats/metrics.jsonl')) console.log(step, loss, validLoss)
 * ```
 */
export const readMetrics = (path: string): MetricsLine[] =>
  soundLines(path).lines.map(({ metrics }) => metrics)

interface SoundLines {
  readonly lines: readonly { readonly text: string; readonly metrics: MetricsLine }[]
  /** Where the first one stands that is no metrics, counted from 1. */
  readonly damagedLine?: number
}

function soundLines(path: string): SoundLines {
  const complete = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []
  const lines: { text: string; metrics: MetricsLine }[] = []
  for (const text of complete) {
    const metrics = parseLine(text)
    if (!metrics) return { lines, damagedLine: lines.length + 1 }
    lines.push({ text, metrics })
  }
  return { lines }
}

function parseLine(line: string): MetricsLine | undefined {
  try {
    const parsed = JSON.parse(line) as MetricsLine | null
    return typeof parsed?.step === 'number' ? parsed : undefined
  } catch {
    return undefined
  }
}
