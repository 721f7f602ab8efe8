/** Rollout strategies, resolved to whole pods. */

import type { Manifest } from '../../manifest.ts'
import type { KubeWorkload, RollingUpdate } from '../kube-objects.ts'

export interface RolloutStrategy {
  /** `written` is the manifest's strategy, when none was chosen. */
  readonly how: 'surge' | 'inPlace' | 'recreate' | 'written'
  /** Old pods go before new ones come. */
  readonly isRecreate: boolean
  readonly surge: number
  readonly unavailable: number
}

export const surgeByOne: RolloutStrategy = { how: 'surge', isRecreate: false, surge: 1, unavailable: 0 }
export const inPlace: RolloutStrategy = { how: 'inPlace', isRecreate: false, surge: 0, unavailable: 1 }
export const recreate: RolloutStrategy = { how: 'recreate', isRecreate: true, surge: 0, unavailable: 0 }

/** As the manifest has it, with Kubernetes' defaults: 25 % and 25 % of a Deployment, in place of the others. */
export function writtenStrategy({ kind, spec = {} }: KubeWorkload, replicas: number): RolloutStrategy {
  if (kind === 'Deployment') {
    if (spec.strategy?.type === 'Recreate') return { ...recreate, how: 'written' }
    return {
      how: 'written',
      isRecreate: false,
      ...inPods(spec.strategy?.rollingUpdate, '25%', '25%', replicas),
    }
  }
  const { surge, unavailable } = inPods(spec.rolloutStrategy?.rollingUpdateConfiguration, 0, 1, replicas)
  return { how: 'written', isRecreate: false, surge, unavailable }
}

/** The manifest with this strategy in it. Kinds without a choice are given back as they are. */
export function withStrategy(manifest: Manifest, strategy: RolloutStrategy): Manifest {
  if (strategy.how === 'written') return manifest
  const spec = manifest.spec as object
  const { surge: maxSurge, unavailable: maxUnavailable } = strategy
  if (manifest.kind === 'Deployment')
    return {
      ...manifest,
      spec: {
        ...spec,
        strategy: strategy.isRecreate
          ? // Server-set defaults have no field manager, and must be removed with their type.
            { type: 'Recreate', rollingUpdate: null }
          : { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
      },
    }
  if (manifest.kind === 'LeaderWorkerSet' && !strategy.isRecreate)
    return {
      ...manifest,
      spec: {
        ...spec,
        rolloutStrategy: {
          type: 'RollingUpdate',
          rollingUpdateConfiguration: { maxSurge, maxUnavailable: Math.max(1, maxUnavailable) },
        },
      },
    }
  return manifest
}

/** `maxSurge 1, maxUnavailable 0`. */
export const strategyText = ({ isRecreate, surge, unavailable }: RolloutStrategy): string =>
  isRecreate ? 'Recreate' : `maxSurge ${surge}, maxUnavailable ${unavailable}`

/** Shares of surge are rounded up, of what may be missing down; both 0 would never move, so that one may be missing. */
function inPods(
  given: RollingUpdate | undefined,
  surgeDefault: number | string,
  unavailableDefault: number | string,
  replicas: number,
): { surge: number; unavailable: number } {
  const surge = share(given?.maxSurge ?? surgeDefault, replicas, Math.ceil)
  const unavailable = share(given?.maxUnavailable ?? unavailableDefault, replicas, Math.floor)
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

function share(given: number | string, of: number, round: (value: number) => number): number {
  if (typeof given === 'number') return given
  if (!given.endsWith('%')) return Number(given) || 0
  // 7 % of 100 is 7.000000000000001 in doubles.
  return round(Math.round(Number.parseFloat(given) * of * 1e6) / 1e8)
}
