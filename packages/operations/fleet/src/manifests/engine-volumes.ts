/** Volumes of an engine pod: weights and writable paths. */

import type { EnginePlan } from '../deployment/deployment.ts'
import { claimSpec, weightsSize } from './model-claims.ts'
import { type Part, scratchMounts, scratchVolumes } from './pod.ts'

/** The volume that holds the weights; undefined if they are in the image. */
function weightsVolume(engine: EnginePlan): Part | undefined {
  const { storage, claim, storageClass } = engine.model
  if (storage === 'image') return undefined
  if (claim !== '') return { persistentVolumeClaim: { claimName: claim } }
  if (storageClass === undefined) return { emptyDir: { sizeLimit: weightsSize([engine]) } }
  return { ephemeral: { volumeClaimTemplate: { spec: claimSpec([engine], 'ReadWriteOnce') } } }
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
  // Existing weights are read-only; so are those that something else has downloaded.
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
