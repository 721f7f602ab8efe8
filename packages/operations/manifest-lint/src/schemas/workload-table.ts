/**
 * Fields of LeaderWorkerSet, JobSet and Kubeflow's training kinds, handwritten from their API references, in the format of the
 * generated table (codegen/table.ts explains the letters). No npm package has them.
 */

import type { Table } from './table.ts'

export const workloadTable: Table = {
  kinds: {
    'leaderworkerset.x-k8s.io/v1/LeaderWorkerSet': ['lws.LeaderWorkerSet', 1],
    'jobset.x-k8s.io/v1alpha2/JobSet': ['jobset.JobSet', 1],
    'trainer.kubeflow.org/v1alpha1/TrainJob': ['trainer.TrainJob', 1],
    'trainer.kubeflow.org/v1alpha1/TrainingRuntime': ['trainer.Runtime', 1],
    'trainer.kubeflow.org/v1alpha1/ClusterTrainingRuntime': ['trainer.Runtime', 0],
  },
  types: {
    'lws.LeaderWorkerSet': root('#lws.Spec'),
    'lws.Spec': {
      'leaderWorkerTemplate!': '#lws.Template',
      networkConfig: '#lws.Network',
      replicas: 'i',
      rolloutStrategy: '#lws.Rollout',
      startupPolicy: 'e:LeaderCreated|LeaderReady',
    },
    'lws.Template': {
      leaderTemplate: '#V1PodTemplateSpec',
      persistentVolumeClaimRetentionPolicy: '#V1StatefulSetPersistentVolumeClaimRetentionPolicy',
      restartPolicy: 'e:RecreateGroupOnPodRestart|RecreateGroupAfterStart|Default|None',
      size: 'i',
      subGroupPolicy: '#lws.SubGroup',
      volumeClaimTemplates: '[#V1PersistentVolumeClaim',
      'workerTemplate!': '#V1PodTemplateSpec',
    },
    'lws.SubGroup': { subGroupPolicyType: 'e:LeaderWorker|LeaderExcluded', subGroupSize: 'i' },
    'lws.Network': { 'subdomainPolicy!': 'e:Shared|UniquePerReplica' },
    'lws.Rollout': { rollingUpdateConfiguration: '#lws.RollingUpdate', 'type!': 'e:RollingUpdate' },
    'lws.RollingUpdate': { maxSurge: 'p', maxUnavailable: 'p', partition: 'i' },

    'jobset.JobSet': root('#jobset.Spec'),
    'jobset.Spec': {
      coordinator: '#jobset.Coordinator',
      failurePolicy: '#jobset.FailurePolicy',
      managedBy: 's',
      network: '#jobset.Network',
      replicatedJobs: '[#jobset.ReplicatedJob',
      startupPolicy: '#jobset.StartupPolicy',
      successPolicy: '#jobset.SuccessPolicy',
      suspend: 'b',
      ttlSecondsAfterFinished: 'i',
      volumeClaimPolicies: '*',
    },
    'jobset.Coordinator': { jobIndex: 'i', podIndex: 'i', 'replicatedJob!': 's' },
    'jobset.FailurePolicy': {
      maxRestarts: 'i',
      restartStrategy: 'e:Recreate|BlockingRecreate|InPlaceRestart',
      rules: '[#jobset.FailureRule',
    },
    'jobset.FailureRule': {
      'action!':
        'e:FailJobSet|RestartJobSet|RestartJobSetAndIgnoreMaxRestarts|RestartJob|RestartJobAndIgnoreMaxRestarts',
      name: 's',
      onJobFailureMessagePatterns: '[s',
      onJobFailureReasons: '[s',
      targetReplicatedJobs: '[s',
    },
    'jobset.Network': { enableDNSHostnames: 'b', publishNotReadyAddresses: 'b', subdomain: 's' },
    'jobset.ReplicatedJob': {
      dependsOn: '[#jobset.DependsOn',
      groupName: 's',
      'name!': 's',
      replicas: 'i',
      'template!': '#V1JobTemplateSpec',
    },
    'jobset.DependsOn': { 'name!': 's', 'status!': 'e:Complete|Ready' },
    'jobset.StartupPolicy': { 'startupPolicyOrder!': 'e:AnyOrder|InOrder' },
    'jobset.SuccessPolicy': { 'operator!': 'e:All|Any', targetReplicatedJobs: '[s' },

    'trainer.TrainJob': root('#trainer.TrainJobSpec'),
    'trainer.TrainJobSpec': {
      activeDeadlineSeconds: 'l',
      annotations: '{s',
      initializer: '#trainer.Initializer',
      labels: '{s',
      managedBy: 's',
      podSpecOverrides: '*',
      podTemplateOverrides: '*',
      runtimePatches: '*',
      'runtimeRef!': '#trainer.RuntimeRef',
      suspend: 'b',
      trainer: '#trainer.Trainer',
    },
    'trainer.RuntimeRef': { apiGroup: 's', kind: 's', 'name!': 's' },
    'trainer.Initializer': { dataset: '#trainer.Source', model: '#trainer.Source' },
    'trainer.Source': { env: '[#V1EnvVar', secretRef: '#V1LocalObjectReference', storageUri: 's' },
    'trainer.Trainer': {
      args: '[s',
      command: '[s',
      env: '[#V1EnvVar',
      image: 's',
      numNodes: 'i',
      numProcPerNode: 'i',
      resourcesPerNode: '#V1ResourceRequirements',
    },
    'trainer.Runtime': root('#trainer.RuntimeSpec'),
    'trainer.RuntimeSpec': { mlPolicy: '*', podGroupPolicy: '*', template: '#trainer.JobSetTemplate' },
    'trainer.JobSetTemplate': { metadata: '#V1ObjectMeta', spec: '#jobset.Spec' },
  },
}

function root(spec: string): Record<string, string> {
  return { apiVersion: '*', kind: '*', metadata: '#V1ObjectMeta', spec, status: '*' }
}
