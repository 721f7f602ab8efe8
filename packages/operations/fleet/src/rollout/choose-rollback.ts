/** Chooses the revision for a Deployment's rollback, and reports what it restores. */

import { nothingToUndo, revisionNotFound } from './errors.ts'
import {
  configMapsOf,
  type KubeObject,
  type KubeWorkload,
  objectName,
  type PodTemplate,
} from './kube-objects.ts'
import { changesOf, type FieldChange, rolloutAnnotation } from './plan/field-changes.ts'
import { type Revision, revisionOf, revisionsOf } from './progress/revisions.ts'

export interface Rollback {
  readonly name: string
  readonly from: number | undefined
  readonly to: number
  /** As the Deployment gets it, without the hash that its controller adds. */
  readonly template: PodTemplate
  /** Changes from the current one. */
  readonly restores: readonly FieldChange[]
  /** ConfigMaps that its pods read: they must still be there. */
  readonly configMaps: readonly string[]
}

/**
 * Throws `rollout_revision_not_found` and `rollout_nothing_to_undo`. Without `to` it is the one before the current.
 *
 * @internal
 */
export function chooseRollback(
  deployment: KubeWorkload,
  replicaSets: readonly KubeObject[],
  to: number | undefined,
): Rollback {
  const revisions = revisionsOf(deployment, replicaSets)
  const from = revisionOf(deployment) ?? revisions[0]?.number
  const chosen =
    to === undefined ? revisions.find(({ number }) => number < (from ?? 0)) : byNumber(revisions, to)
  const name = objectName(deployment)
  if (chosen === undefined) {
    if (to === undefined) throw nothingToUndo(name)
    throw revisionNotFound(
      name,
      to,
      revisions.map(({ number }) => number).filter((number) => number !== from),
    )
  }
  const template = withoutHash(chosen.template)
  return {
    name,
    from,
    to: chosen.number,
    template,
    restores: changesOf(
      withTemplate(deployment, deployment.spec?.template),
      withTemplate(deployment, template),
    ),
    configMaps: configMapsOf(template),
  }
}

/**
 * Those that the last rollout of ours changed, together; all where none of it was ours.
 *
 * @internal
 */
export function lastRolledOut(deployments: readonly KubeWorkload[]): readonly KubeWorkload[] {
  const when = ({ metadata }: KubeWorkload): string => metadata.annotations?.[rolloutAnnotation] ?? ''
  const last = deployments.map(when).sort().at(-1)
  return deployments.filter((each) => when(each) === last)
}

const byNumber = (revisions: readonly Revision[], number: number): Revision | undefined =>
  revisions.find((each) => each.number === number)

function withTemplate(
  { apiVersion, kind, metadata }: KubeWorkload,
  template: PodTemplate | undefined,
): KubeObject {
  return { apiVersion, kind, metadata: { name: metadata.name }, spec: { template } }
}

function withoutHash(template: PodTemplate): PodTemplate {
  const { 'pod-template-hash': _, ...labels } = template.metadata?.labels ?? {}
  return { ...template, metadata: { ...template.metadata, labels } }
}
