/** The autoscaler of an engine, if it has one. */

import type { Deployment, EnginePlan } from '../deployment/deployment.ts'
import type { Manifest } from '../manifest.ts'
import { adapterRules, horizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts'
import { scaledObject } from './scaled-object.ts'

export interface Autoscaler {
  readonly manifest: Manifest
  /** What an operator has to know of it. */
  readonly about: string
}

export function autoscalerOf(deployment: Deployment, engine: EnginePlan): Autoscaler | undefined {
  const { autoscaler, gpuHighPercent, gpuLowPercent } = deployment.scaling
  if (!engine.isScaled || autoscaler === 'none' || autoscaler === 'hadal') return undefined
  const lowMark =
    engine.gpus === 0
      ? []
      : [
          `The single target of ${gpuHighPercent} % also scales down: two engines become one below ${gpuHighPercent / 2} % each. "Below ${gpuLowPercent} %"`,
          'needs behavior.scaleDown.tolerance, behind a feature gate (HPAConfigurableTolerance) until Kubernetes 1.35.',
        ]
  if (autoscaler === 'keda') {
    const about = [
      `Scales ${engine.name} by requests and GPU utilization. KEDA queries Prometheus; without a result it does not scale down.`,
    ]
    return {
      manifest: scaledObject(deployment, engine),
      about: [...about, ...lowMark].join('\n'),
    }
  }
  const rules = adapterRules(deployment, engine)
  const needs =
    rules === undefined
      ? ['By CPU, as measured by metrics-server.']
      : [
          'By external metrics: without an adapter that serves them nothing scales. Rules for prometheus-adapter:',
          ...rules.split('\n'),
        ]
  return {
    manifest: horizontalPodAutoscaler(deployment, engine),
    about: [`Scales ${engine.name} by load.`, ...lowMark, ...needs].join('\n'),
  }
}
