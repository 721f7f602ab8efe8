/** How many engines there have to be. Pure: the same state and figures give the same decision. */

import type { ScaleDecision, ScalingState } from './decision.ts'
import type { Observation } from './observation.ts'
import type { ScalingPolicy } from './scaling-policy.ts'

export interface Decided {
  readonly decision: ScaleDecision
  readonly state: ScalingState
}

export function decideScale(policy: ScalingPolicy, state: ScalingState, seen: Observation): Decided {
  const to = Math.min(policy.maxReplicas, Math.max(policy.minReplicas, seen.replicas))
  const decision = {
    at: seen.now,
    action: 'hold' as const,
    from: seen.replicas,
    to,
    reason: 'steady' as const,
    text: '',
    signals: [],
  }
  return { decision, state: { ...state, replicas: to } }
}
