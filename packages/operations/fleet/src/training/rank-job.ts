/**
 * Workloads that keep the ranks of a run together, in three forms. A run resumes from its checkpoint, so all of them restart pods:
 * an eviction, or a stop with a checkpoint, is not counted as a failure.
 */

import type { Manifest } from '../manifest.ts'
import { allLabels, podTemplate } from './rank-pod.ts'
import type { TrainingForm, TrainingPlan } from './training-plan.ts'

/** What `hadal train` ends with. */
const exitCodes = { faultyRun: 2, stopped: 143 }

const evicted = [{ type: 'DisruptionTarget', status: 'True' }]
const endedWith = (containerName: string, code: number): object => ({
  containerName,
  operator: 'In',
  values: [code],
})

export const rankJobs: Readonly<Record<TrainingForm, (plan: TrainingPlan) => readonly Manifest[]>> = {
  job: (plan) => [indexedJob(plan)],
  jobset: (plan) => [jobSet(plan)],
  trainjob: (plan) => [trainingRuntime(plan), trainJob(plan)],
}

const metadataOf = (plan: TrainingPlan): Manifest['metadata'] => ({
  name: plan.name,
  namespace: plan.namespace,
  labels: {
    ...allLabels(plan),
    ...(plan.queue !== undefined && { 'kueue.x-k8s.io/queue-name': plan.queue }),
  },
})

/** Where one pod fails the others notice, and fail, too: each of the run's restarts may cost one failure of every pod. */
const indexedJob = (plan: TrainingPlan): Manifest => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: metadataOf(plan),
  spec: {
    completionMode: 'Indexed',
    completions: plan.nodes,
    parallelism: plan.nodes,
    backoffLimit: plan.restarts * plan.nodes,
    // Two pods of one rank would write one folder.
    podReplacementPolicy: 'Failed',
    podFailurePolicy: {
      rules: [
        { action: 'Ignore', onPodConditions: evicted },
        { action: 'Ignore', onExitCodes: endedWith('train', exitCodes.stopped) },
        { action: 'FailJob', onExitCodes: endedWith('train', exitCodes.faultyRun) },
      ],
    },
    ttlSecondsAfterFinished: plan.keepSeconds,
    template: podTemplate(plan, {
      container: 'train',
      masterAddr: `${plan.name}-0.${plan.name}`,
      subdomain: plan.name,
    }),
  },
})

const jobSet = (plan: TrainingPlan): Manifest => ({
  apiVersion: 'jobset.x-k8s.io/v1alpha2',
  kind: 'JobSet',
  metadata: metadataOf(plan),
  spec: {
    ...jobSetPolicies(plan),
    replicatedJobs: [
      {
        name: 'ranks',
        replicas: 1,
        template: {
          spec: jobOfSet(plan, 'train', `${plan.name}-ranks-0-0.${plan.name}`),
        },
      },
    ],
  },
})

/** Kubeflow Trainer makes a JobSet of the two, and sets the PET_ variables, which `hadal train` reads. */
const trainingRuntime = (plan: TrainingPlan): Manifest => ({
  apiVersion: 'trainer.kubeflow.org/v1alpha1',
  kind: 'TrainingRuntime',
  metadata: { name: plan.name, namespace: plan.namespace, labels: allLabels(plan) },
  spec: {
    // Some releases know `numProcPerNode` here and others do not; all know the TrainJob's.
    mlPolicy: { numNodes: plan.nodes, torch: {} },
    template: {
      spec: {
        ...jobSetPolicies(plan),
        replicatedJobs: [
          {
            name: 'node',
            replicas: 1,
            template: {
              metadata: { labels: { 'trainer.kubeflow.org/trainjob-ancestor-step': 'trainer' } },
              spec: jobOfSet(plan, 'node', undefined),
            },
          },
        ],
      },
    },
  },
})

const trainJob = (plan: TrainingPlan): Manifest => ({
  apiVersion: 'trainer.kubeflow.org/v1alpha1',
  kind: 'TrainJob',
  metadata: metadataOf(plan),
  spec: {
    runtimeRef: { apiGroup: 'trainer.kubeflow.org', kind: 'TrainingRuntime', name: plan.name },
    trainer: { numNodes: plan.nodes, numProcPerNode: plan.nproc },
  },
})

/** The set starts all ranks again where one of its pods fails; it makes the headless Service itself, called as the set. */
const jobSetPolicies = (plan: TrainingPlan): object => ({
  network: { enableDNSHostnames: true, subdomain: plan.name, publishNotReadyAddresses: true },
  failurePolicy: {
    maxRestarts: plan.restarts,
    rules: [
      {
        name: 'asked_to_stop',
        action: 'RestartJobSetAndIgnoreMaxRestarts',
        onJobFailureReasons: ['PodFailurePolicy'],
      },
    ],
  },
  ttlSecondsAfterFinished: plan.keepSeconds,
})

const jobOfSet = (plan: TrainingPlan, container: string, masterAddr: string | undefined): object => ({
  completionMode: 'Indexed',
  completions: plan.nodes,
  parallelism: plan.nodes,
  backoffLimit: 0,
  podReplacementPolicy: 'Failed',
  podFailurePolicy: {
    rules: [
      { action: 'FailJob', onPodConditions: evicted },
      { action: 'FailJob', onExitCodes: endedWith(container, exitCodes.stopped) },
    ],
  },
  template: podTemplate(plan, { container, masterAddr, subdomain: undefined }),
})
