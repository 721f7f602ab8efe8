/** Where an engine's weights lie, and what else it writes to. */

import type { Deployment, EnginePlan } from '../deployment/deployment.ts'
import type { Manifest } from '../manifest.ts'
import { engineLabelsOf } from './labels.ts'
import { type Part, scratchMounts, scratchVolumes } from './pod.ts'

const gibibyte = 2 ** 30

/** Half as much again as the weights: their size may be an estimate, and the hub keeps small files beside them. */
function weightsSize({ model }: EnginePlan): string {
  return `${Math.ceil((1.5 * model.bytes) / gibibyte) + 1}Gi`
}

/** The claim, where none is there already. */
export function modelClaim(deployment: Deployment, engine: EnginePlan): readonly Manifest[] {
  const { model } = engine
  if (!model.makesClaim) return []
  return [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name: model.claim,
        namespace: deployment.namespace,
        labels: engineLabelsOf(deployment, engine),
      },
      spec: claimSpec(engine, isShared(deployment, engine) ? 'ReadWriteMany' : 'ReadWriteOnce'),
    },
  ]
}

/** Whether pods on two nodes may have it at a time: a volume for one node would keep the second pod waiting for ever. */
function isShared({ scaling }: Deployment, { replicas, isScaled, rollout, nodes }: EnginePlan): boolean {
  const most = isScaled ? scaling.maxReplicas : replicas
  return most > 1 || rollout === 'surge' || nodes > 1
}

function claimSpec(engine: EnginePlan, accessMode: string): Part {
  const { storageClass } = engine.model
  return {
    accessModes: [accessMode],
    ...(storageClass !== undefined && { storageClassName: storageClass }),
    resources: { requests: { storage: weightsSize(engine) } },
  }
}

/** In which form the pod has the weights; undefined where they are in the image. */
function weightsVolume(engine: EnginePlan): Part | undefined {
  const { storage, claim, storageClass } = engine.model
  if (storage === 'image') return undefined
  if (claim !== '') return { persistentVolumeClaim: { claimName: claim } }
  if (storageClass === undefined) return { emptyDir: { sizeLimit: weightsSize(engine) } }
  return { ephemeral: { volumeClaimTemplate: { spec: claimSpec(engine, 'ReadWriteOnce') } } }
}

export interface PodVolumes {
  readonly volumes: readonly Part[]
  readonly mounts: readonly Part[]
  /** For what downloads before the engine starts. */
  readonly downloadMounts: readonly Part[]
}

export function engineVolumes(engine: EnginePlan): PodVolumes {
  const { model, kind } = engine
  const weights = weightsVolume(engine)
  const mount = { name: 'weights', mountPath: model.mountPath }
  // Weights that were there before are nobody's to change; nor are those that something else has downloaded.
  const isReadOnly = model.storage === 'claim' || model.download !== undefined
  const mounts = [
    ...(weights === undefined ? [] : [{ ...mount, ...(isReadOnly && { readOnly: true }) }]),
    ...scratchMounts,
  ]
  const volumes = [...(weights === undefined ? [] : [{ name: 'weights', ...weights }]), ...scratchVolumes]
  const downloadMounts = [mount, ...scratchMounts]
  if (kind === 'llama') return { volumes, mounts, downloadMounts }
  return {
    volumes: [...volumes, { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: shmSize(engine) } }],
    mounts: [...mounts, { name: 'shm', mountPath: '/dev/shm' }],
    downloadMounts,
  }
}

/** Through which the processes of a node's GPUs talk. It counts as the pod's memory; the 64 MiB that a container has do not do. */
function shmSize({ gpusPerNode, gpus }: EnginePlan): string {
  return `${2 + Math.max(1, Math.min(gpus, gpusPerNode))}Gi`
}
