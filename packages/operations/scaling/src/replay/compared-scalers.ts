/** The scalers that `hadal scale` is compared with, by name. */

import {
  type Deployment,
  type EnginePlan,
  fixedScaler,
  hadalScaler,
  hpaScaler,
  kedaScaler,
  renderedHpa,
  renderedKeda,
  type ScalerMaker,
  type ScalingPolicy,
  type Workload,
} from '@hadal/fleet'
import { usage } from '@hadal/output'

const predictions = ['none', 'history'] as const

/** The service's own first. Throws `usage` for a name that is none. */
export function comparedScalers(
  names: readonly string[],
  policy: ScalingPolicy,
  workload: Workload,
  deployment: Deployment,
  engine: EnginePlan,
): readonly ScalerMaker[] {
  const scalerOf = (name: string): ScalerMaker => {
    if (name === 'hpa') return hpaScaler(renderedHpa(deployment, engine))
    if (name === 'keda') return kedaScaler(renderedKeda(deployment, engine))
    const predict = predictions.find((each) => name === `hadal:${each}`)
    if (predict !== undefined) return hadalScaler({ ...policy, predict }, workload.history, name)
    const fixed = /^fixed:(\d{1,5})$/.exec(name)
    if (fixed !== null) return fixedScaler(Number(fixed[1]))
    throw usage(
      `--against must be hpa, keda, fixed:4, hadal:none or hadal:history, got ${name}`,
      'hadal scale replay',
    )
  }
  return [hadalScaler(policy, workload.history), ...names.map(scalerOf)]
}
