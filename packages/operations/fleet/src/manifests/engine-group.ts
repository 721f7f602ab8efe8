/**
 * Multi-node engines as LeaderWorkerSets: a leader, which serves requests, and workers with the same lifetime.
 * https://lws.sigs.k8s.io
 */

import type { Deployment, EnginePlan } from '../deployment/deployment.ts'
import type { Manifest } from '../manifest.ts'
import { enginePodTemplate } from './engine-pod.ts'
import { engineStrategy } from './engine-rollout.ts'
import { engineLabelsOf, type Labels, nameWith } from './labels.ts'

export const leaderLabel: Labels = { 'hadal.dev/role': 'leader' }
const workerLabel: Labels = { 'hadal.dev/role': 'worker' }

/**
 * Not the engine's own name: the controller makes a Service of the group's name, with all of its pods, ready or not, and the
 * engine's Service has ready leaders alone.
 */
export const groupName = ({ name }: Pick<EnginePlan, 'name'>): string => nameWith(name, 'group')

export function engineGroup(deployment: Deployment, engine: EnginePlan): Manifest {
  const { type, rollingUpdate } = engineStrategy(deployment, engine)
  return {
    apiVersion: 'leaderworkerset.x-k8s.io/v1',
    kind: 'LeaderWorkerSet',
    metadata: {
      name: groupName(engine),
      namespace: deployment.namespace,
      labels: engineLabelsOf(deployment, engine),
    },
    spec: {
      // Applying a number again would undo what an autoscaler did.
      ...(!engine.isScaled && { replicas: engine.replicas }),
      // A leader is ready when its workers are there, so they do not wait for that.
      startupPolicy: 'LeaderCreated',
      rolloutStrategy: { type, rollingUpdateConfiguration: rollingUpdate },
      leaderWorkerTemplate: {
        size: engine.nodes,
        // The processes of a group have one computation: when one dies, all begin again.
        restartPolicy: 'RecreateGroupOnPodRestart',
        leaderTemplate: enginePodTemplate(deployment, engine, { role: 'leader', labels: leaderLabel }),
        workerTemplate: enginePodTemplate(deployment, engine, { role: 'worker', labels: workerLabel }),
      },
    },
  }
}

/** Workload that autoscalers and rollouts act on. */
export function workloadOf(engine: EnginePlan): { apiVersion: string; kind: string; name: string } {
  return engine.nodes > 1
    ? { apiVersion: 'leaderworkerset.x-k8s.io/v1', kind: 'LeaderWorkerSet', name: groupName(engine) }
    : { apiVersion: 'apps/v1', kind: 'Deployment', name: engine.name }
}
