/**
 * Logs a run's metrics to Weights & Biases through the official SDK, if installed; subscribes to its events. Each start is a new
 * W&B run whose steps continue, because the SDK cannot resume one. Failures never stop the training.
 */

import type { Worker } from 'node:worker_threads'
import { messageOf, startThread } from '@hadal/base'
import type { StartedEvent, TrainListener } from '../events.ts'
import type { Capacity } from '../utilization.ts'
import { wandbNotInstalled, wandbRefused } from './errors.ts'
import { type WandbLine, WandbLines } from './wandb-lines.ts'
import { wandbMetrics } from './wandb-metrics.ts'

export interface WandbOptions {
  readonly project: string
  /** A user or a team. Default: that of the key. */
  readonly entity?: string
  /** Default: the run's. */
  readonly name?: string
  /** The run's settings for comparison, as plain values. */
  readonly config?: Readonly<Record<string, unknown>>
  /** `measurePeakFlops` for the run's precision; `train/mfu` is logged if this is known. */
  readonly peakFlops?: number
}

export interface WandbPlace {
  readonly module: string
  /** The module is looked for from here upwards. */
  readonly folder: string
  /** Timeout for the service to accept a run, and to take the rest at its end. */
  readonly patienceMillis: number
}

export interface ThreadTask extends Omit<WandbPlace, 'patienceMillis'> {
  readonly init: Omit<WandbOptions, 'peakFlops'>
}

export type ToThread = { readonly line: WandbLine } | { readonly exitCode: number }
export type FromThread =
  | { readonly url: string }
  | { readonly missing: string }
  | { readonly refused: string }

/**
 * The key is that of WANDB_API_KEY or `~/.netrc`. Before the first step the listener throws `train_wandb_not_installed` and
 * `train_wandb_refused`; a connection lost later is a warning of the process.
 *
 * @example
 * ```ts
 * import { run } from './my-run.ts' // export const run = defineRun({ ... })
 * import { train, wandbLog } from '@hadal/train'
 *
 * await train(run, { listeners: [wandbLog({ project: 'chats', name: run.name })] })
 * ```
 */
export function wandbLog(options: WandbOptions, place: Partial<WandbPlace> = {}): TrainListener {
  const { peakFlops, ...init } = options
  let session: WandbSession | undefined
  let capacity: Capacity = {}
  return async (event) => {
    if (event.type === 'started') {
      capacity = {
        unit: event.unit,
        flopsPerToken: event.flopsPerToken,
        ...(peakFlops !== undefined && { peakFlops }),
      }
      session = await openSession(init, event, place)
    } else if (event.type in exitCodes) {
      await session?.finish(exitCodes[event.type as keyof typeof exitCodes])
      session = undefined
    } else {
      const metrics = wandbMetrics(event, capacity)
      if (metrics && 'step' in event) session?.log(event.step, metrics)
    }
  }
}

/** 255 is the Python SDK's exit code of an interrupted run. */
const exitCodes = { finished: 0, stopped: 0, interrupted: 255 } as const

async function openSession(
  { config, name, ...options }: ThreadTask['init'],
  started: StartedEvent,
  { module = '@wandb/sdk', folder = process.cwd(), patienceMillis = 60_000 }: Partial<WandbPlace>,
): Promise<WandbSession> {
  const { parameters, activatedParameters, totalSteps, step } = started
  const facts = { parameters, activatedParameters, totalSteps, ...(step > 0 && { resumedAfterStep: step }) }
  const init = { ...options, name: name ?? started.name, config: { ...facts, ...config } }
  const task: ThreadTask = { module, folder, init }
  const worker = startThread(import.meta.url, './wandb-thread', {
    workerData: task,
    stdout: true,
    stderr: true,
  })
  worker.stdout.resume()
  worker.stderr.resume()
  const answer = await firstAnswer(worker, patienceMillis)
  if ('url' in answer) return new WandbSession(worker, patienceMillis)
  await worker.terminate()
  throw 'missing' in answer
    ? wandbNotInstalled(answer.missing)
    : wandbRefused(options.project, answer.refused)
}

function firstAnswer(worker: Worker, patienceMillis: number): Promise<FromThread> {
  let timer: NodeJS.Timeout
  return new Promise<FromThread>((resolve) => {
    const refuse = (refused: string): void => resolve({ refused })
    timer = setTimeout(() => refuse(`no response within ${patienceMillis / 1000} s`), patienceMillis)
    worker.once('message', resolve)
    worker.once('error', (error) => refuse(messageOf(error)))
    worker.once('exit', (code) => refuse(`the SDK ended its thread with exit code ${code}`))
  }).finally(() => clearTimeout(timer))
}

class WandbSession {
  readonly #worker: Worker
  readonly #patienceMillis: number
  readonly #lines = new WandbLines()
  readonly #ended: Promise<void>
  #isLost = false

  constructor(worker: Worker, patienceMillis: number) {
    this.#worker = worker
    this.#patienceMillis = patienceMillis
    worker.on('error', (error) => this.#lose(messageOf(error)))
    this.#ended = new Promise((resolve) => worker.once('exit', () => resolve()))
    // A run that fails leaves the service to notice; its process ends.
    worker.unref()
  }

  log(runStep: number, metrics: WandbLine['metrics']): void {
    this.#send(this.#lines.add(runStep, metrics))
  }

  /** Waits until everything is sent. */
  async finish(exitCode: number): Promise<void> {
    this.#send(this.#lines.end())
    this.#worker.postMessage({ exitCode } satisfies ToThread)
    const timer = setTimeout(() => {
      this.#lose(`the last metrics were not uploaded within ${this.#patienceMillis / 1000} s`)
      void this.#worker.terminate()
    }, this.#patienceMillis)
    await this.#ended
    clearTimeout(timer)
  }

  #send(line: WandbLine | undefined): void {
    if (line) this.#worker.postMessage({ line } satisfies ToThread)
  }

  #lose(reason: string): void {
    if (!this.#isLost)
      process.emitWarning(`Weights & Biases gets no more of this run: ${reason}`, { type: 'WandbWarning' })
    this.#isLost = true
  }
}
