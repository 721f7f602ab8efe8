/** Every error of a rollout that is decided before or without a cluster. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const wouldDeadlock: ErrorMaker<[workload: string, why: string]> = defineError({
  code: 'rollout_would_deadlock',
  status: 409,
  when: 'The rollout strategy needs spare capacity that the cluster does not have: new pods would wait for old pods to stop, and old pods for new ones to become ready.',
  message: (workload, why) => `${workload} would deadlock: ${why}`,
  help: 'Use `--strategy auto`, which replaces one pod at a time in place. Or set maxSurge 0 and maxUnavailable 1 in the manifest.',
})

export const doesNotFit: ErrorMaker<[workload: string, why: string]> = defineError({
  code: 'rollout_does_not_fit',
  status: 409,
  when: 'The cluster has too little capacity for all pods, whatever the strategy.',
  message: (workload, why) => `${workload} does not fit: ${why}`,
  help: 'Request fewer or smaller replicas, or add nodes; the message names the scarce resource. For a taint, add a toleration.',
})

export const quotaExceeded: ErrorMaker<[workload: string, why: string]> = defineError({
  code: 'rollout_quota_exceeded',
  status: 409,
  when: 'A ResourceQuota of the namespace is too small for the pods of the rollout.',
  message: (workload, why) => `${workload} exceeds a quota: ${why}`,
  help: 'Raise the quota, or request less: fewer replicas, or smaller resource requests.',
})

export const immutableField: ErrorMaker<[object: string, path: string, wayOut: string]> = defineError({
  code: 'rollout_immutable_field',
  status: 409,
  when: 'A manifest changes a field that Kubernetes does not allow to change.',
  message: (object, path, _wayOut) => `${path} of ${object} is immutable`,
  help: (_object, _path, wayOut) => wayOut,
  docsHelp:
    'Delete and recreate the object, or restore the old value of the field; the error says which applies.',
})

export const kindNotServed: ErrorMaker<[apiVersion: string, kind: string, names: string, from: string]> =
  defineError({
    code: 'rollout_kind_not_served',
    status: 404,
    when: 'The cluster does not know this kind of object, because its operator or CRD is not installed.',
    message: (apiVersion, kind, names, _from) =>
      `the cluster does not serve ${kind} of ${apiVersion} (${names})`,
    help: (_apiVersion, _kind, _names, from) => `Install ${from}, or skip such objects with --skip-missing.`,
  })

export const revisionNotFound: ErrorMaker<[workload: string, revision: number, known: readonly number[]]> =
  defineError({
    code: 'rollout_revision_not_found',
    status: 404,
    when: 'The revision of `hadal deploy undo --to` no longer exists in the cluster.',
    message: (workload, revision, _known) => `${workload} has no revision ${revision}`,
    help: (_workload, _revision, known) =>
      known.length === 0
        ? 'There is no earlier revision: apply the earlier manifests.'
        : `Choose one of ${known.join(', ')}. Revisions beyond revisionHistoryLimit are deleted: apply their manifests instead.`,
    docsHelp:
      'Choose one of the revisions that the error lists. Revisions beyond revisionHistoryLimit are deleted: apply their manifests instead.',
  })

/** @internal */
export const revisionIncomplete: ErrorMaker<
  [workload: string, revision: number, missing: readonly string[]]
> = defineError({
  code: 'rollout_revision_incomplete',
  status: 409,
  when: 'The revision of `hadal deploy undo` exists, but a ConfigMap that its pods read was deleted, so they could not start.',
  message: (workload, revision, missing) =>
    `revision ${revision} of ${workload} needs a deleted ConfigMap: ${missing.join(', ')}`,
  help: 'Apply the manifests of that revision, which recreate it, or choose an earlier revision with --to.',
})

export const nothingToUndo: ErrorMaker<[workload: string]> = defineError({
  code: 'rollout_nothing_to_undo',
  status: 409,
  when: '`hadal deploy undo` found no earlier revision.',
  message: (workload) => `${workload} has only its current revision`,
  help: 'Apply the manifests that you want to run.',
})
