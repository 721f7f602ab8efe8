/** Logs a run's metrics for TensorBoard; subscribes to its events. Each start writes a new file, as TensorBoard expects. */

import { mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from '@hadal/base'
import type { StepEvent, TrainLog } from '../events.ts'
import type { ReadUnit } from '../kinds/model-kind.ts'
import { LogFile } from '../log-file.ts'
import { type BoardEvent, eventRecord } from './event-record.ts'

/**
 * Writes to `folder`, which may hold other runs' files: `tensorboard --logdir folder`.
 *
 * @example
 * ```ts
 * import { run } from './my-run.ts' // export const run = defineRun({ ... })
 * import { tensorboardLog, train } from '@hadal/train'
 *
 * await train(run, { listeners: [tensorboardLog('runs/chats/tensorboard')] })
 * ```
 */
export function tensorboardLog(folder: string, clock: Clock = systemClock): TrainLog {
  let file: LogFile | undefined
  let unit: ReadUnit = 'tokens'
  const write = (event: Omit<BoardEvent, 'wallTime'>): void =>
    file?.append(eventRecord({ wallTime: clock.wallClock() / 1000, ...event }))
  return (event) => {
    if (event.type === 'started') {
      unit = event.unit
      mkdirSync(folder, { recursive: true })
      file = new LogFile(join(folder, fileName(clock.wallClock())))
      write({ step: 0, isHeader: true })
      // Steps after the resume point are repeated.
      write({ step: event.step + 1, isStart: true })
    } else if (event.type === 'step') write({ step: event.step, scalars: scalarsOf(event, unit) })
    else if (event.type === 'evaluated') {
      const { step, loss, measures = {}, epsilon } = event
      write({
        step,
        scalars: {
          'loss/valid': loss,
          ...Object.fromEntries(Object.entries(measures).map(([name, value]) => [`valid/${name}`, value])),
          ...(epsilon !== undefined && { 'privacy/epsilon': epsilon }),
        },
      })
    } else if (event.type === 'decision') {
      write({ step: event.step + 1, isStart: true })
      const scalars = { 'guard/interventions': event.number, 'guard/rate_factor': event.rateFactor }
      write({ step: event.step, scalars })
    }
  }
}

const scalarsOf = (event: StepEvent, unit: ReadUnit): Readonly<Record<string, number>> => ({
  'loss/train': event.loss,
  'optimizer/learning_rate': event.learningRate,
  'optimizer/gradient_norm': event.gradientNorm,
  ...(event.lossScale !== undefined && { 'optimizer/loss_scale': event.lossScale }),
  [`speed/${unit}_per_second`]: event.seconds > 0 ? event.tokens / event.seconds : 0,
  'speed/memory_mib': event.memoryBytes / 1024 ** 2,
  ...memoryScalars(event.memory),
  'experts/imbalance': event.expertImbalance,
  ...privacyScalars(event.privacy),
  epoch: event.epoch,
  ...Object.fromEntries([...event.layerNorms].map(([layer, norm]) => [`gradient_norm/${layer}`, norm])),
})

function privacyScalars(figures: StepEvent['privacy']): Readonly<Record<string, number>> {
  if (!figures) return {}
  const { rows, clipped, notFinite, medianNorm } = figures
  return {
    'privacy/rows': rows,
    'privacy/clipped_share': rows > 0 ? clipped / rows : 0,
    'privacy/not_finite': notFinite,
    ...(medianNorm !== undefined && { 'privacy/median_norm': medianNorm }),
  }
}

/** MiB: the peak, and the memory of each owner. */
function memoryScalars(memory: StepEvent['memory']): Readonly<Record<string, number>> {
  if (!memory) return {}
  const { peakBytes, phase: _, ...owned } = memory
  return Object.fromEntries(
    Object.entries({ peak: peakBytes, ...owned }).map(([owner, bytes]) => [
      `memory/${owner}_mib`,
      bytes / 1024 ** 2,
    ]),
  )
}

let files = 0

/** TensorFlow's naming; the final counter separates two files of the same second. */
function fileName(wallMillis: number): string {
  files += 1
  const seconds = String(Math.floor(wallMillis / 1000)).padStart(10, '0')
  return `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${files}`
}
