/**
 * Scaling behaviour of HorizontalPodAutoscalers, including those created by KEDA: up immediately and doubling, down one at a time
 * and only when the whole window agrees.
 *
 * A single autoscaler cannot express "more above 70 %, fewer below 30 %": with a target of 70 it scales from two replicas to one
 * when both are below 35 %, from nine to eight below 62 %. A scale-down tolerance (`behavior.scaleDown.tolerance: 571m`) would
 * express it but needs the feature gate HPAConfigurableTolerance, without which API servers drop or reject the field. So the low
 * mark remains an alert and the wake-up trigger, and the window of `gpuLowForMillis` ignores short lulls.
 */

import type { Deployment } from '../deployment/deployment.ts'

/** Kubernetes' bound of the window. */
const longestWindowSeconds = 3600

export function scalingBehavior({ scaling }: Deployment): Readonly<Record<string, unknown>> {
  return {
    scaleUp: {
      stabilizationWindowSeconds: 0,
      policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
    },
    scaleDown: {
      stabilizationWindowSeconds: Math.min(longestWindowSeconds, idleSeconds(scaling)),
      policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }],
    },
  }
}

/** How long engines must have been idle, in whole seconds. */
export const idleSeconds = ({ gpuLowForMillis }: Pick<Deployment['scaling'], 'gpuLowForMillis'>): number =>
  Math.ceil(gpuLowForMillis / 1000)
