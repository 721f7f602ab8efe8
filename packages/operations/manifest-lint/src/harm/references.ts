/** Rules for references of pods, and volumes: missing objects, and claims that only one node can mount. */

import { editDistance, nearest } from '@hadal/base'
import type { LintObject } from '@hadal/fleet'
import type { LintContext } from '../lint-rule.ts'
import type { FactualRule } from '../rule-facts.ts'
import { countOf, fieldsAt, listAt, type Path, textAt, valueAt, wordsOf } from './read/values.ts'
import {
  allWorkloads,
  isSameNamespace,
  nameOf,
  namespaceOf,
  ofKind,
  titled,
  type Workload,
  workloadsOf,
} from './read/workload.ts'

interface Reference {
  readonly kind: 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim' | 'ServiceAccount'
  readonly name: string
  readonly path: Path
}

/** All that is not optional. */
function* referencesOf({ pod, podPath, containers, initContainers }: Workload): Generator<Reference> {
  for (const [at, volume] of listAt(pod, 'volumes').entries()) {
    const path = [...podPath, 'volumes', at]
    const claim = textAt(volume, 'persistentVolumeClaim', 'claimName')
    if (claim !== undefined)
      yield {
        kind: 'PersistentVolumeClaim',
        name: claim,
        path: [...path, 'persistentVolumeClaim', 'claimName'],
      }
    const map = textAt(volume, 'configMap', 'name')
    if (map !== undefined && valueAt(volume, 'configMap', 'optional') !== true)
      yield { kind: 'ConfigMap', name: map, path: [...path, 'configMap', 'name'] }
    const secret = textAt(volume, 'secret', 'secretName')
    if (secret !== undefined && valueAt(volume, 'secret', 'optional') !== true)
      yield { kind: 'Secret', name: secret, path: [...path, 'secret', 'secretName'] }
  }
  const account = textAt(pod, 'serviceAccountName')
  if (account !== undefined && account !== 'default')
    yield { kind: 'ServiceAccount', name: account, path: [...podPath, 'serviceAccountName'] }
  for (const { fields, path } of new Set([...containers, ...initContainers])) {
    for (const [at, each] of listAt(fields, 'envFrom').entries())
      for (const [field, kind] of [
        ['configMapRef', 'ConfigMap'],
        ['secretRef', 'Secret'],
      ] as const) {
        const name = textAt(each, field, 'name')
        if (name !== undefined && valueAt(each, field, 'optional') !== true)
          yield { kind, name, path: [...path, 'envFrom', at, field, 'name'] }
      }
    for (const [at, each] of listAt(fields, 'env').entries())
      for (const [field, kind] of [
        ['configMapKeyRef', 'ConfigMap'],
        ['secretKeyRef', 'Secret'],
      ] as const) {
        const name = textAt(each, 'valueFrom', field, 'name')
        if (name !== undefined && valueAt(each, 'valueFrom', field, 'optional') !== true)
          yield { kind, name, path: [...path, 'env', at, 'valueFrom', field, 'name'] }
      }
  }
}

const missingReference: FactualRule = {
  id: 'missing_reference',
  severity: 'harmful',
  what: 'a reference to a missing ConfigMap, Secret, claim or ServiceAccount',
  why: 'The pod waits until it exists: CreateContainerConfigError, or Pending. It is harmful if an unused object here has a similar name; otherwise the object may be defined elsewhere, and the finding is advice.',
  *find(object, context) {
    for (const workload of workloadsOf(object)) {
      const reported = new Set<string>()
      for (const { kind, name, path } of referencesOf(workload)) {
        const there = ofKind(context, kind).filter((each) =>
          isSameNamespace(namespaceOf(each), workload.namespace),
        )
        if (reported.has(`${kind}/${name}`) || there.some((each) => nameOf(each) === name)) continue
        reported.add(`${kind}/${name}`)
        const near = nearest(name, there.map(nameOf))
        yield {
          path,
          reason: `${kind} ${name} is not in the manifests; pods wait until it exists${near === undefined ? '' : `. Did you mean ${near}?`}`,
          ...(near !== undefined && editDistance(name, near) <= 2 && !isUsed(kind, near, context)
            ? {}
            : { severity: 'advice' as const }),
          fix:
            near === undefined
              ? `Make sure that it exists in the cluster: kubectl get ${kind.toLowerCase()} ${name}`
              : `${String(path.at(-1))}: ${near}`,
        }
      }
    }
  },
}

/** Whether any pods refer to it. */
const isUsed = (kind: Reference['kind'], name: string, context: LintContext): boolean =>
  allWorkloads(context).some((workload) =>
    [...referencesOf(workload)].some((each) => each.kind === kind && each.name === name),
  )

const unmountedVolume: FactualRule = {
  id: 'unmounted_volume',
  severity: 'advice',
  what: 'a volume that no container mounts',
  why: 'Each start of the pod waits for the volume, which is never used.',
  *find(object) {
    for (const { pod, podPath, containers, initContainers } of workloadsOf(object)) {
      const all = [...containers, ...initContainers]
      const mounted = new Set(
        all.flatMap(({ fields }) =>
          [...listAt(fields, 'volumeMounts'), ...listAt(fields, 'volumeDevices')].map((each) =>
            textAt(each, 'name'),
          ),
        ),
      )
      for (const [at, volume] of listAt(pod, 'volumes').entries()) {
        const name = textAt(volume, 'name')
        if (name === undefined || mounted.has(name)) continue
        yield {
          path: [...podPath, 'volumes', at],
          reason: `no container mounts the volume ${name}`,
          fix: `volumeMounts: [{ name: ${name}, mountPath: /PATH }] in the container, or remove the volume`,
        }
      }
    }
  },
}

const sharedClaim: FactualRule = {
  id: 'shared_rwo_claim',
  severity: 'harmful',
  what: 'a ReadWriteOnce claim shared by several pods',
  why: 'Only one node can attach the volume: pods on other nodes wait for it (Multi-Attach error), and a rolling update waits for its own old pod.',
  *find(object, context) {
    for (const workload of workloadsOf(object)) {
      if (workload.kind !== 'Deployment') continue
      const strategy = fieldsAt(object.manifest, 'spec', 'strategy')
      const replicas = workload.replicas ?? 1
      const surge =
        strategy.type === 'Recreate'
          ? 0
          : (countOf(valueAt(strategy, 'rollingUpdate', 'maxSurge') ?? '25%', replicas, Math.ceil) ?? 0)
      if (replicas < 2 && surge === 0) continue
      for (const { kind, name, path } of referencesOf(workload)) {
        const claim = kind === 'PersistentVolumeClaim' ? claimOf(name, workload, context) : undefined
        const modes = wordsOf(valueAt(claim?.manifest, 'spec', 'accessModes'))
        if (!modes.length || !modes.every((mode) => mode === 'ReadWriteOnce' || mode === 'ReadWriteOncePod'))
          continue
        yield {
          path,
          reason:
            replicas > 1
              ? `${replicas} replicas of ${titled(workload)} share the claim ${name}, which is ${modes.join(', ')}`
              : `the new pod of a rolling update (maxSurge ${surge}) waits for the claim ${name}, which is ${modes.join(', ')} and held by the old pod`,
          fix:
            replicas > 1
              ? 'accessModes: [ReadOnlyMany] or [ReadWriteMany] in the claim, or a StatefulSet with volumeClaimTemplates'
              : 'strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }, or type: Recreate',
        }
      }
    }
  },
}

const claimOf = (name: string, workload: Workload, context: LintContext): LintObject | undefined =>
  ofKind(context, 'PersistentVolumeClaim').find(
    (each) => nameOf(each) === name && isSameNamespace(namespaceOf(each), workload.namespace),
  )

export const referenceRules: readonly FactualRule[] = [missingReference, unmountedVolume, sharedClaim]
