/**
 * Previously applied objects that are no longer rendered. Claims, secrets and namespaces are kept, because their content is
 * irrecoverable.
 */

import { configMapsOf, type KubeObject, objectKey, type PodTemplate } from '../kube-objects.ts'
import type { RolloutInput } from './rollout-plan.ts'

const kept = new Set(['PersistentVolumeClaim', 'Secret', 'Namespace', 'CustomResourceDefinition'])

export function prunable({ wanted, ours, cluster }: RolloutInput): KubeObject[] {
  const stays = new Set(wanted.map(objectKey))
  const referred = configMapsOfRevisions(cluster.replicaSets)
  return ours.filter(
    (object) =>
      !stays.has(objectKey(object)) &&
      !kept.has(object.kind) &&
      !object.metadata.ownerReferences?.some(({ controller }) => controller) &&
      !(object.kind === 'ConfigMap' && referred.has(object.metadata.name)),
  )
}

/** `undo` needs them. */
function configMapsOfRevisions(replicaSets: readonly KubeObject[]): ReadonlySet<string> {
  return new Set(
    replicaSets.flatMap((replicaSet) => {
      const { template } = (replicaSet.spec ?? {}) as { template?: PodTemplate }
      return configMapsOf(template)
    }),
  )
}
