/** Metrics of `hadal scale` as Prometheus text. */

import { scaleMetrics } from '@hadal/protocol'
import { Registry } from 'prom-client'
import { register } from './prometheus.ts'

export interface ScaleSample {
  readonly replicas: number | null
  readonly readyReplicas: number | null
  readonly minReplicas: number
  readonly maxReplicas: number
  /** Milliseconds since 1970. */
  readonly observedAt: number | null
}

export interface DecisionSample {
  readonly action: string
  readonly reason: string
  readonly to: number
  readonly signals: readonly { readonly name: string; readonly unusable?: string }[]
}

export interface ScaleTelemetry {
  leads(isLeader: boolean): void
  decided(model: string, decision: DecisionSample): void
  failed(model: string): void
  /** Records the result of a check. */
  looked(model: string, sample: ScaleSample): void
  /** Only the leader has model metrics: removes them on loss of leadership. */
  forgetModels(): void
  expose(): Promise<{ readonly contentType: string; readonly text: string }>
}

export function createScaleTelemetry(): ScaleTelemetry {
  const registry = new Registry()
  const metrics = register(registry, scaleMetrics)
  metrics.isLeader.set(0)
  const { replicas, readyReplicas, desired, minReplicas, maxReplicas, observedAt, unusable } = metrics
  return {
    leads: (isLeader) => metrics.isLeader.set(isLeader ? 1 : 0),
    decided(model, { action, reason, to, signals }) {
      metrics.decisions.inc({ model_name: model, action, reason })
      desired.set({ model_name: model }, to)
      for (const signal of signals)
        unusable.set({ model_name: model, signal: signal.name }, signal.unusable === undefined ? 0 : 1)
    },
    failed: (model) => metrics.failures.inc({ model_name: model }),
    looked(model, sample) {
      const of = { model_name: model }
      metrics.failures.inc(of, 0)
      minReplicas.set(of, sample.minReplicas)
      maxReplicas.set(of, sample.maxReplicas)
      if (sample.replicas !== null) replicas.set(of, sample.replicas)
      if (sample.readyReplicas !== null) readyReplicas.set(of, sample.readyReplicas)
      if (sample.observedAt !== null) observedAt.set(of, sample.observedAt / 1000)
    },
    forgetModels() {
      for (const gauge of [replicas, readyReplicas, desired, minReplicas, maxReplicas, observedAt, unusable])
        gauge.reset()
    },
    expose: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
}
