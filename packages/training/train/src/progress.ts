/**
 * Shows a run's progress: on a terminal a block of lines redrawn in place below permanent lines; elsewhere a plain line now and
 * then. Subscribes to the run's events.
 */

import { type Clock, systemClock } from '@hadal/base'
import { plainStep, renderBlock } from './display/block.ts'
import { eventLine } from './display/event-line.ts'
import { liveBlock } from './display/live-block.ts'
import { paintFor } from './display/paint.ts'
import { RunFigures } from './display/run-figures.ts'
import type { StepEvent, TrainEvent, TrainLog } from './events.ts'

/** The subset of `process.stderr` used. */
export interface ProgressStream {
  write(text: string): unknown
  readonly isTTY?: boolean
  /** Read for each frame, as windows change their size. */
  readonly columns?: number
}

export interface ProgressOptions {
  /** `measurePeakFlops` for the run's precision; MFU is shown if this is known. */
  readonly peakFlops?: number
  readonly clock?: Clock
  /** Read for TERM and NO_COLOR. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

const usualColumns = 80
const plainEverySeconds = 30

/**
 * Reports a run's progress on a stream: a redrawn block on a terminal, a line now and then elsewhere.
 *
 * @example
 * ```ts
 * import { run } from './my-run.ts' // export const run = defineRun({ ... })
 * import { progressReporter, train } from '@hadal/train'
 *
 * await train(run, { listeners: [progressReporter(process.stderr)] })
 * ```
 */
export function progressReporter(
  stream: ProgressStream,
  { peakFlops, clock = systemClock, env = process.env }: ProgressOptions = {},
): TrainLog {
  const isLive = stream.isTTY === true && env.TERM !== 'dumb'
  const paint = paintFor(isLive, env)
  let figures = new RunFigures({ name: '' })
  const follow = (event: TrainEvent): void => {
    if (event.type === 'started')
      figures = new RunFigures({ ...event, ...(peakFlops !== undefined && { peakFlops }) })
    else if (event.type === 'step') figures.step(event)
    else if (event.type === 'evaluated') {
      figures.heldOut(event.loss)
      figures.pause(event.seconds)
    } else if (event.type === 'checkpoint') figures.pause(event.seconds)
  }
  const block = (): string[] => {
    const { current } = figures
    return current ? renderBlock(current, stream.columns || usualColumns, paint) : []
  }
  const show = isLive ? liveShow(stream, clock, block) : plainShow(stream, () => plainStep(figures.current!))
  return (event) => {
    follow(event)
    show(event, eventLine(event, paint))
  }
}

type Show = (event: TrainEvent, line: string | undefined) => void

function liveShow(stream: ProgressStream, clock: Clock, block: () => string[]): Show {
  const live = liveBlock((text) => stream.write(text), clock)
  return (event, line) => {
    if (endings.has(event.type)) {
      live.settle(block)
      live.print(line!, () => [])
    } else if (line !== undefined) live.print(line, block)
    else if (event.type === 'step') live.draw(block)
  }
}

const endings: ReadonlySet<TrainEvent['type']> = new Set(['finished', 'stopped', 'interrupted'])

function plainShow(stream: ProgressStream, stepLine: () => string): Show {
  let unshownSeconds = Number.POSITIVE_INFINITY
  const isDue = (event: StepEvent): boolean => {
    unshownSeconds += event.seconds
    return unshownSeconds >= plainEverySeconds || event.step === event.totalSteps
  }
  return (event, line) => {
    if (line !== undefined) stream.write(`${line}\n`)
    else if (event.type === 'step' && isDue(event)) {
      stream.write(`${stepLine()}\n`)
      unshownSeconds = 0
    }
  }
}
