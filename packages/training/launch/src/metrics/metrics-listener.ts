/** Subscribes to a run's events, feeds them to telemetry, and passes the rendered metrics to a server. */

import { createTrainingTelemetry, type TrainingRun } from '@hadal/telemetry'
import type { StartedEvent, StepEvent, TrainListener } from '@hadal/train'
import type { MetricsText } from './metrics-thread.ts'

interface MetricsListenerOptions {
  readonly run: TrainingRun
  /** Operations a second that the ranks together could do. */
  readonly peakFlops: number
  publish(metrics: MetricsText): void
  /** Milliseconds on a monotonic clock. */
  readonly now?: () => number
}

/** Steps that are closer together than this are not rendered individually: scrapes are rarer. */
const restMillis = 250

export function metricsListener({
  run,
  peakFlops,
  publish,
  now = () => performance.now(),
}: MetricsListenerOptions): TrainListener {
  const telemetry = createTrainingTelemetry(run)
  let flopsPerToken = 0
  let publishedMillis = Number.NEGATIVE_INFINITY
  return async (event) => {
    if (event.type === 'started') {
      flopsPerToken = event.flopsPerToken
      telemetry.started(startOf(event))
    } else if (event.type === 'step')
      telemetry.step(stepOf(event, (event.tokens / event.seconds) * (flopsPerToken / peakFlops)))
    else if (event.type === 'evaluated') telemetry.evaluated({ ...event, epsilonSpent: event.epsilon })
    else if (event.type === 'checkpoint') telemetry.checkpoint(event)
    else if (event.type === 'decision') telemetry.rolledBack(event)
    else if (event.type === 'finished' || event.type === 'stopped' || event.type === 'interrupted')
      telemetry.ended()
    else return
    if (event.type === 'step' && now() - publishedMillis < restMillis) return
    publishedMillis = now()
    publish(await telemetry.expose())
  }
}

const startOf = ({ step, totalSteps, parameters, unit }: StartedEvent) => ({
  step,
  totalSteps,
  parameters,
  unit,
})

const stepOf = (event: StepEvent, utilization: number) => ({
  ...event,
  isSkipped: event.skipped === true,
  residentBytes: event.memoryBytes,
  peakBytes: event.memory?.peakBytes,
  utilization: Number.isFinite(utilization) ? utilization : undefined,
})
