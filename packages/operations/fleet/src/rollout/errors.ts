/** Every error of a rollout that is decided before or without a cluster. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const wouldDeadlock: ErrorMaker<[workload: string, why: string]> = defineError({
  code: 'rollout_would_deadlock',
  status: 409,
  when: 'The rollout strategy needs spare capacity that the cluster does not have: new pods would wait for old pods to leave, and old pods for new ones to be ready.',
  message: (workload, why) => `${workload} would deadlock: ${why}`,
  help: '`--strategy auto` replaces one pod at a time where they stand. Or write maxSurge 0 and maxUnavailable 1 into the manifest.',
})

export const doesNotFit: ErrorMaker<[workload: string, why: string]> = defineError({
  code: 'rollout_does_not_fit',
  status: 409,
  when: 'The cluster has too little capacity for all pods, whatever the strategy.',
  message: (workload, why) => `${workload} does not fit: ${why}`,
  help: 'Ask for fewer replicas or smaller ones, or add nodes; the reason names what is short. A taint that is named needs a toleration.',
})

export const quotaExceeded: ErrorMaker<[workload: string, why: string]> = defineError({
  code: 'rollout_quota_exceeded',
  status: 409,
  when: 'A ResourceQuota of the namespace is too small for the pods of the rollout.',
  message: (workload, why) => `${workload} exceeds a quota: ${why}`,
  help: 'Raise the quota, or ask for less: fewer replicas, or smaller requests.',
})

export const immutableField: ErrorMaker<[object: string, path: string, wayOut: string]> = defineError({
  code: 'rollout_immutable_field',
  status: 409,
  when: 'A manifest changes a field that Kubernetes does not allow to change.',
  message: (object, path, _wayOut) => `${path} of ${object} cannot be changed once it is there`,
  help: (_object, _path, wayOut) => wayOut,
  docsHelp:
    'Delete and recreate the object, or restore the old value of the field; the error says which applies.',
})

export const kindNotServed: ErrorMaker<[apiVersion: string, kind: string, names: string, from: string]> =
  defineError({
    code: 'rollout_kind_not_served',
    status: 404,
    when: 'The cluster does not know this kind of object, because its operator or CRD is not installed.',
    message: (apiVersion, kind, names, _from) => `the cluster serves no ${kind} of ${apiVersion} (${names})`,
    help: (_apiVersion, _kind, _names, from) =>
      `Install ${from}, or leave such objects out with --skip-missing.`,
  })

export const revisionNotFound: ErrorMaker<[workload: string, revision: number, known: readonly number[]]> =
  defineError({
    code: 'rollout_revision_not_found',
    status: 404,
    when: 'The revision of `hadal deploy undo --to` no longer exists in the cluster.',
    message: (workload, revision, _known) => `${workload} has no revision ${revision}`,
    help: (_workload, _revision, known) =>
      known.length === 0
        ? 'It has no earlier one. Apply the manifests of then.'
        : `It has ${known.join(', ')}. Older ones are gone after revisionHistoryLimit: apply the manifests of then.`,
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
    `revision ${revision} of ${workload} needs what is no longer there: ConfigMap ${missing.join(', ')}`,
  help: 'Apply the manifests of then, which bring it, or go back further with --to.',
})

export const nothingToUndo: ErrorMaker<[workload: string]> = defineError({
  code: 'rollout_nothing_to_undo',
  status: 409,
  when: '`hadal deploy undo` found no earlier revision.',
  message: (workload) => `${workload} has only its current revision`,
  help: 'Apply the manifests that should stand there.',
})
