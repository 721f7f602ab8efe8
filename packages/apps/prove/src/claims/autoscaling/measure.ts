/** Traces of drawn loads, with the marks that the service comes with. */

import type { ClaimContext } from '../../claim.ts'
import type { Raw } from './judge.ts'
import { packed } from './packed-trace.ts'
import { maxEngines, scalersOf, stepMillis } from './service.ts'
import { tracesOf } from './traces.ts'

export async function measure({ mode, seed, note }: ClaimContext): Promise<Raw> {
  const plan = mode === 'full' ? { probes: 60, days: 8, dayHours: 12 } : { probes: 12, days: 3, dayHours: 4 }
  note(`${plan.probes} draws of six probes, ${plan.days} drawn days of ${plan.dayHours} hours`)
  const { policy } = scalersOf(0)
  const { lowPercent, highPercent, lowForMillis, upCooldownMillis, downCooldownMillis, backlogPerReplica } =
    policy
  const marks = {
    ...{ lowPercent, highPercent, lowForMillis, upCooldownMillis, downCooldownMillis, backlogPerReplica },
    ...{ maxReplicas: maxEngines, stepMillis },
  }
  return { seed, marks, traces: tracesOf(seed, plan).map(packed) }
}
