/**
 * How fast the number of engines changes, for HorizontalPodAutoscalers and for those that KEDA makes: up at once and doubling, down
 * one at a time and only when the whole window agrees.
 *
 * "More above 70 %, fewer below 30 %" cannot be said to one autoscaler: with a target of 70 it takes two replicas to one when
 * both are below 35 %, nine to eight below 62 %. A tolerance for the way down (`behavior.scaleDown.tolerance: 571m`) would say it and
 * needs the feature gate HPAConfigurableTolerance, without which API servers drop or refuse the field. So the low mark stays an
 * alert and what wakes from zero, and the window of `gpuLowForMillis` keeps short lulls from counting.
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
