/** Aggregates a run's events: smoothed rates, time left, loss history. Stateful, no I/O. */

import type { ReadUnit } from '../kinds/model-kind.ts'
import { type Capacity, utilization } from '../utilization.ts'
import { LossHistory } from './loss-history.ts'

export interface RunStart extends Capacity {
  readonly name: string
}

export interface RunStep {
  readonly step: number
  readonly totalSteps: number
  readonly epoch: number
  readonly loss: number
  readonly learningRate: number
  readonly gradientNorm: number
  /** Loss scale of an fp16 step whose gradients overflowed. */
  readonly lossScale?: number
  readonly skipped?: true
  readonly tokens: number
  readonly seconds: number
  /** Resident memory of the process. */
  readonly memoryBytes?: number
  /** Peak tensor memory of the step. */
  readonly memory?: { readonly peakBytes: number }
  /** Row statistics of a private step. */
  readonly privacy?: { readonly rows: number; readonly clipped: number }
}

/** Values that are unknown, yet or permanently, are undefined. */
export interface Figures extends Omit<RunStep, 'tokens' | 'seconds' | 'memoryBytes' | 'memory'> {
  readonly name: string
  /** Since this start of the run, in order. */
  readonly losses: readonly number[]
  /** Over the last steps; the last step's own where that is no number. */
  readonly smoothedLoss: number
  readonly heldOutLoss: number | undefined
  /** Or images, or pairs: see `unit`. */
  readonly tokensPerSecond: number | undefined
  readonly unit: ReadUnit
  /** Model FLOPs utilisation (MFU), 0 to 1. */
  readonly utilization: number | undefined
  readonly memoryBytes: number | undefined
  /** Peak tensor memory of the last step. */
  readonly peakBytes?: number | undefined
  readonly secondsLeft: number | undefined
}

/** Weight of the newest step in smoothed values; until 1 / minWeight steps exist, all weigh the same. */
const minWeight = 0.05

export class RunFigures {
  readonly #start: RunStart
  readonly #losses = new LossHistory()
  #last: RunStep | undefined
  #steps = 0
  #loss: number | undefined
  #tokens = 0
  #seconds = 0
  #secondsBetween = 0
  #heldOutLoss: number | undefined

  constructor(start: RunStart) {
    this.#start = start
  }

  step(step: RunStep): void {
    this.#steps += 1
    const weight = Math.max(minWeight, 1 / this.#steps)
    this.#tokens += weight * (step.tokens - this.#tokens)
    this.#seconds += weight * (step.seconds - this.#seconds)
    if (Number.isFinite(step.loss)) this.#loss = (1 - weight) * (this.#loss ?? step.loss) + weight * step.loss
    this.#losses.add(step.loss)
    this.#last = step
  }

  /** Recurring time between steps: evaluations, checkpoints. */
  pause(seconds: number): void {
    this.#secondsBetween += seconds
  }

  heldOut(loss: number): void {
    this.#heldOutLoss = loss
  }

  /** undefined before the first step. */
  get current(): Figures | undefined {
    if (!this.#last) return undefined
    const { tokens: _, seconds: __, memoryBytes, memory, ...last } = this.#last
    const tokensPerSecond = this.#seconds > 0 ? this.#tokens / this.#seconds : undefined
    const left = last.totalSteps - last.step
    const secondsAStep = this.#seconds + this.#secondsBetween / this.#steps
    return {
      ...last,
      name: this.#start.name,
      losses: this.#losses.values,
      smoothedLoss: Number.isFinite(last.loss) ? this.#loss! : last.loss,
      heldOutLoss: this.#heldOutLoss,
      tokensPerSecond,
      unit: this.#start.unit ?? 'tokens',
      utilization: utilization(tokensPerSecond, this.#start),
      memoryBytes,
      peakBytes: memory?.peakBytes,
      secondsLeft: secondsAStep > 0 && left > 0 ? left * secondsAStep : undefined,
    }
  }
}
