/** Metrics of a training run as Prometheus text. Observers of the training loop report plain numbers to it. */

import { type Clock, systemClock } from '@hadal/base'
import { trainingMetrics } from '@hadal/protocol'
import { type Gauge, Registry } from 'prom-client'
import { register } from './prometheus.ts'

export interface TrainingRun {
  readonly name: string
  readonly worldSize: number
  /** By the launcher of the ranks, so far. */
  readonly restarts: number
  /** The privacy budget of a private run, if any. */
  readonly epsilonBudget?: number
}

/** One step. Undefined fields leave the metric unchanged. */
export interface TrainedStep {
  readonly step: number
  readonly totalSteps: number
  readonly epoch: number
  readonly loss: number
  readonly learningRate: number
  readonly gradientNorm: number
  readonly lossScale?: number | undefined
  readonly isSkipped: boolean
  readonly expertImbalance: number
  readonly tokens: number
  readonly seconds: number
  readonly residentBytes: number
  readonly peakBytes?: number | undefined
  /** 0 to 1. */
  readonly utilization?: number | undefined
}

export interface TrainingTelemetry {
  /** The model is loaded, and steps follow. `unit`: the unit of `TrainedStep.tokens`. */
  started(at: {
    readonly step: number
    readonly totalSteps: number
    readonly parameters: number
    readonly unit: string
  }): void
  step(sample: TrainedStep): void
  evaluated(sample: {
    readonly loss: number
    readonly seconds: number
    readonly measures?: Readonly<Record<string, number>> | undefined
    readonly epsilonSpent?: number | undefined
  }): void
  checkpoint(sample: { readonly step: number; readonly seconds: number }): void
  /** The divergence guard rolled back: `step` is where the run continues. */
  rolledBack(from: { readonly step: number; readonly failedStep: number }): void
  /** There are no more steps. */
  ended(): void
  /** The text of `/metrics`. */
  expose(): Promise<{ readonly contentType: string; readonly text: string }>
}

export function createTrainingTelemetry(
  { name, worldSize, restarts, epsilonBudget }: TrainingRun,
  clock: Clock = systemClock,
): TrainingTelemetry {
  const registry = new Registry()
  const metrics = register(registry, trainingMetrics)
  const run = { run: name }
  const set = (gauge: Gauge, value: number | undefined): void => {
    if (value !== undefined) gauge.set(run, value)
  }
  const now = (): number => clock.wallClock() / 1000
  let unit = 'tokens'
  set(metrics.running, 0)
  set(metrics.worldSize, worldSize)
  set(metrics.restarts, restarts)
  set(metrics.epsilonBudget, epsilonBudget)
  for (const counter of [metrics.steps, metrics.skippedSteps, metrics.undoneSteps, metrics.interventions])
    counter.inc(run, 0)
  return {
    started(at) {
      unit = at.unit
      set(metrics.step, at.step)
      set(metrics.totalSteps, at.totalSteps)
      set(metrics.parameters, at.parameters)
      set(metrics.startTime, now())
      set(metrics.running, 1)
      metrics.tokens.inc({ ...run, unit }, 0)
    },
    step(sample) {
      set(metrics.step, sample.step)
      set(metrics.totalSteps, sample.totalSteps)
      set(metrics.epoch, sample.epoch)
      set(metrics.loss, sample.loss)
      set(metrics.learningRate, sample.learningRate)
      // Meaningless for gradients that overflowed.
      if (!sample.isSkipped) set(metrics.gradientNorm, sample.gradientNorm)
      set(metrics.lossScale, sample.lossScale)
      set(metrics.expertImbalance, sample.expertImbalance)
      set(metrics.residentMemory, sample.residentBytes)
      set(metrics.peakMemory, sample.peakBytes)
      set(metrics.modelFlopsUtilization, sample.utilization)
      metrics.tokensPerSecond.set({ ...run, unit }, sample.tokens / Math.max(sample.seconds, 1e-9))
      metrics.tokens.inc({ ...run, unit }, sample.tokens)
      metrics.steps.inc(run)
      if (sample.isSkipped) metrics.skippedSteps.inc(run)
      metrics.stepTime.observe(run, sample.seconds)
    },
    evaluated({ loss, seconds, measures = {}, epsilonSpent }) {
      set(metrics.evaluationLoss, loss)
      set(metrics.evaluationTime, seconds)
      set(metrics.epsilonSpent, epsilonSpent)
      for (const [measure, value] of Object.entries(measures))
        metrics.evaluationMeasure.set({ ...run, measure }, value)
    },
    checkpoint({ step, seconds }) {
      set(metrics.checkpointStep, step)
      set(metrics.checkpointSeconds, seconds)
      set(metrics.checkpointTime, now())
    },
    rolledBack({ step, failedStep }) {
      metrics.interventions.inc(run)
      metrics.undoneSteps.inc(run, failedStep - step)
      set(metrics.step, step)
    },
    ended: () => set(metrics.running, 0),
    expose: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
}
