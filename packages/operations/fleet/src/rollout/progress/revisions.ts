/** The revisions of a Deployment, as its ReplicaSets keep them. */

import type { KubeObject, KubeWorkload, PodTemplate } from '../kube-objects.ts'

const annotation = 'deployment.kubernetes.io/revision'

export interface Revision {
  readonly number: number
  readonly replicaSet: KubeObject
  readonly template: PodTemplate
  readonly replicas: number
}

/** Newest first. */
export function revisionsOf(deployment: KubeObject, replicaSets: readonly KubeObject[]): Revision[] {
  return replicaSets
    .filter((replicaSet) => isOwnedBy(replicaSet, deployment))
    .flatMap((replicaSet): Revision[] => {
      const number = Number(replicaSet.metadata.annotations?.[annotation])
      const { template, replicas = 0 } = (replicaSet.spec ?? {}) as {
        template?: PodTemplate
        replicas?: number
      }
      return Number.isInteger(number) && template !== undefined
        ? [{ number, replicaSet, template, replicas }]
        : []
    })
    .toSorted((a, b) => b.number - a.number)
}

/** The one that the Deployment's own revision names; undefined until its controller has made it. */
export function currentReplicaSet(
  deployment: KubeWorkload,
  replicaSets: readonly KubeObject[],
): KubeObject | undefined {
  if ((deployment.status?.observedGeneration ?? 0) < (deployment.metadata.generation ?? 0)) return undefined
  const number = Number(deployment.metadata.annotations?.[annotation])
  return revisionsOf(deployment, replicaSets).find((each) => each.number === number)?.replicaSet
}

/** @internal */
export const revisionOf = ({ metadata }: KubeObject): number | undefined => {
  const number = Number(metadata.annotations?.[annotation])
  return Number.isInteger(number) && number > 0 ? number : undefined
}

const isOwnedBy = ({ metadata }: KubeObject, owner: KubeObject): boolean =>
  (metadata.ownerReferences ?? []).some(
    ({ kind, uid, name }) =>
      kind === owner.kind &&
      (owner.metadata.uid === undefined ? name === owner.metadata.name : uid === owner.metadata.uid),
  )
