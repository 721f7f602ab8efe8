/**
 * Metrics as JSON lines, one per step, evaluation and divergence guard decision; subscribes to a run's events. Returning to an
 * earlier step, after a kill or a rollback, first drops what was logged after it, so the file always reads as one uninterrupted
 * run.
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
  /** For models with experts. */
  readonly expertImbalance?: number
  /** fp16: the loss scale, and whether gradients overflowed. */
  readonly lossScale?: number
  readonly skipped?: true
  readonly memoryBytes?: number
  /** Peak libtorch memory of the step, by owner. */
  readonly memory?: StepMemory
  readonly seconds?: number
  /** Row statistics of a private step; not covered by the privacy guarantee. */
  readonly privacy?: RowFigures
  readonly validLoss?: number
  /** Additional evaluation measures, by name. */
  readonly measures?: Readonly<Record<string, number>>
  /** Spent by a private run. */
  readonly epsilon?: number
  /** Phase change of a quantised run at this step, in words. */
  readonly phase?: string
  /** The guard's decision after this step, the number of interventions so far, and the reason. */
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
 * The lines of a metrics file; none if it does not exist. Stops where a resumed run truncates it: before the first damaged or
 * incomplete line.
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
  /** The first invalid line, counted from 1. */
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
