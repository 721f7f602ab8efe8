/** Volumes for weights that are made here: one for each claim, however many engines read from it. */

import type { Deployment, EnginePlan } from '../deployment/deployment.ts'
import type { Manifest } from '../manifest.ts'
import { labelsOf, selectorOf } from './labels.ts'
import type { Part } from './pod.ts'

const gibibyte = 2 ** 30

export function modelClaims(deployment: Deployment): readonly Manifest[] {
  const made = deployment.engines.flatMap(({ model }) => (model.makesClaim ? [model.claim] : []))
  return [...new Set(made)].map((name) => {
    const users = usersOf(deployment, name)
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name,
        namespace: deployment.namespace,
        labels: labelsOf(deployment, selectorOf(deployment, 'engine')),
      },
      spec: claimSpec(users, isShared(deployment, users) ? 'ReadWriteMany' : 'ReadWriteOnce'),
    }
  })
}

/** Whether only one node may have the engine's volume: a second pod elsewhere would wait for the first one to go. */
export function hasVolumeAlone(deployment: Deployment, { model }: EnginePlan): boolean {
  const users = usersOf(deployment, model.claim)
  return users.some((each) => each.model.makesClaim) && !isShared(deployment, users)
}

const usersOf = ({ engines }: Deployment, claim: string): readonly EnginePlan[] =>
  engines.filter(({ model }) => model.claim === claim)

/** Most storage classes give volumes to one node at a time, so shared access is requested only when pods on several nodes need it. */
function isShared({ scaling }: Deployment, users: readonly EnginePlan[]): boolean {
  const pods = users.map(
    ({ replicas, isScaled, nodes }) => nodes * (isScaled ? scaling.maxReplicas : replicas),
  )
  return pods.reduce((sum, each) => sum + each, 0) > 1
}

export function claimSpec(users: readonly EnginePlan[], accessMode: string): Part {
  const storageClass = users[0]!.model.storageClass
  return {
    accessModes: [accessMode],
    ...(storageClass !== undefined && { storageClassName: storageClass }),
    resources: { requests: { storage: weightsSize(users) } },
  }
}

/** Half as much again as the weights: their size may be an estimate, and the hub keeps small files alongside them. */
export function weightsSize(users: readonly EnginePlan[]): string {
  const bytes = users.reduce((sum, { model }) => sum + model.bytes, 0)
  return `${Math.ceil((1.5 * bytes) / gibibyte) + 1}Gi`
}
