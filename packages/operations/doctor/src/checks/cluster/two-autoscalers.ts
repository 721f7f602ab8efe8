/** Detects two autoscalers controlling the same replica count. */

import type { Capture } from '../../capture/capture.ts'
import type { Check, Verdict } from '../check.ts'
import type { AutoscalerObject, DeploymentObject } from './cluster-objects.ts'
import { clusterList, concluded, nameOf, namespaceOf } from './cluster-readings.ts'

interface Scaling {
  readonly namespace: string
  /** `Deployment engine`. */
  readonly target: string
  readonly by: string
}

function twoAutoscalers(capture: Capture): Verdict | readonly Verdict[] {
  const hpas = clusterList<AutoscalerObject>(capture, 'kubernetes-hpas', 'horizontalpodautoscalers')
  const scaled = clusterList<AutoscalerObject>(capture, 'kubernetes-scaledobjects', 'scaledobjects')
  const deployments = clusterList<DeploymentObject>(capture, 'kubernetes-deployments', 'deployments')
  const lists = [hpas, scaled, deployments].filter((list) => list !== 'absent')
  for (const list of lists) if ('severity' in list) return list
  const scalings = [
    // The HPA that KEDA makes belongs to its ScaledObject.
    ...itemsOf(hpas)
      .filter(({ metadata }) => !metadata?.ownerReferences?.some(({ kind }) => kind === 'ScaledObject'))
      .flatMap((object) => byObject('HorizontalPodAutoscaler', object)),
    ...itemsOf(scaled).flatMap((object) => byObject('ScaledObject', object)),
    ...byHadal(itemsOf(deployments)),
  ]
  const targets = new Map<string, Scaling[]>()
  for (const scaling of scalings) {
    const key = `${scaling.namespace} ${scaling.target}`
    targets.set(key, [...(targets.get(key) ?? []), scaling])
  }
  const verdicts = [...targets.values()].flatMap((group): readonly Verdict[] => {
    const [first, second] = group
    if (first === undefined || second === undefined) return []
    const { namespace, target } = first
    return [
      {
        severity: 'error',
        says: `${target} in ${namespace} is scaled by ${group
          .slice(0, 4)
          .map(({ by }) => by)
          .join(' and ')}: they overwrite each other's replica count`,
        fix: {
          text: 'Keep one of them (scaling.autoscaler).',
          command: `kubectl -n ${namespace} get hpa,scaledobject,deployment`,
        },
      },
    ]
  })
  const isPartial = lists.some((list) => 'isPartial' in list && list.isPartial)
  return concluded(
    { fine: 'no workload has two autoscalers', verdicts },
    isPartial,
    'horizontalpodautoscalers',
  )
}

const itemsOf = <T>(list: ReturnType<typeof clusterList<T>>): readonly T[] =>
  list === 'absent' || 'severity' in list ? [] : list.items

function byObject(kind: string, object: AutoscalerObject): readonly Scaling[] {
  const { kind: of = 'Deployment', name } = object.spec?.scaleTargetRef ?? {}
  if (name === undefined) return []
  return [{ namespace: namespaceOf(object), target: `${of} ${name}`, by: `${kind} ${nameOf(object)}` }]
}

/** `hadal scale` in the cluster scales only the engines of the same service: their labels match. */
function byHadal(deployments: readonly DeploymentObject[]): readonly Scaling[] {
  const serviceOf = (object: DeploymentObject): string =>
    `${namespaceOf(object)} ${object.metadata?.labels?.['app.kubernetes.io/instance']}`
  const ofComponent = (component: string): readonly DeploymentObject[] =>
    deployments.filter(
      ({ metadata }) =>
        metadata?.labels?.['app.kubernetes.io/name'] === 'hadal' &&
        metadata.labels['app.kubernetes.io/component'] === component,
    )
  return ofComponent('scaler').flatMap((scaler) =>
    ofComponent('engine')
      .filter((engine) => serviceOf(engine) === serviceOf(scaler))
      .map((engine) => ({
        namespace: namespaceOf(engine),
        target: `Deployment ${nameOf(engine)}`,
        by: `hadal scale (${nameOf(scaler)})`,
      })),
  )
}

export const twoAutoscalerChecks: readonly Check[] = [
  {
    id: 'cluster-two-autoscalers',
    group: 'cluster',
    title: 'Two autoscalers',
    reads: ['kubernetes-hpas', 'kubernetes-scaledobjects', 'kubernetes-deployments'],
    verdict: twoAutoscalers,
    source: 'KEDA, Scaling Deployments',
  },
]
