/** Rights on the API server. */

import { editDistance, nearest } from '@hadal/base'
import type { FactualRule } from '../rule-facts.ts'
import { fieldsAt, listAt, textAt, valueAt, wordsOf } from './read/values.ts'
import { isSameNamespace, nameOf, namespaceOf, ofKind } from './read/workload.ts'

const wildcardRights: FactualRule = {
  id: 'wildcard_rbac',
  severity: 'harmful',
  what: 'a Role with * for verbs or resources',
  why: 'The wildcard also grants kinds that are installed later, reading Secrets and starting pods.',
  *find({ manifest }) {
    if (!['Role', 'ClusterRole'].includes(textAt(manifest, 'kind') ?? '')) return
    for (const [at, rule] of listAt(manifest, 'rules').entries())
      for (const field of ['verbs', 'resources']) {
        if (!wordsOf(valueAt(rule, field)).includes('*')) continue
        yield {
          path: ['rules', at, field],
          reason:
            field === 'verbs'
              ? 'all verbs are granted, including delete, escalate and impersonate'
              : 'all resources are granted, including Secrets',
          fix:
            field === 'verbs'
              ? 'verbs: [get, list, watch]'
              : 'resources: [pods, endpoints], limited to what the program reads',
        }
      }
  },
}

const boundAdmin: FactualRule = {
  id: 'bound_cluster_admin',
  severity: 'harmful',
  what: 'a ServiceAccount bound to cluster-admin',
  why: 'Anyone who compromises one of its pods controls the cluster.',
  *find({ manifest }) {
    if (!['ClusterRoleBinding', 'RoleBinding'].includes(textAt(manifest, 'kind') ?? '')) return
    if (textAt(manifest, 'roleRef', 'name') !== 'cluster-admin') return
    const account = listAt(manifest, 'subjects').find(
      (subject) => valueAt(subject, 'kind') === 'ServiceAccount',
    )
    if (account === undefined) return
    yield {
      path: ['roleRef', 'name'],
      reason: `ServiceAccount ${textAt(account, 'name')} has full access to the cluster`,
      fix: 'roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: NAME }, with a Role limited to the verbs and resources it uses',
    }
  },
}

/** Kinds that people look for in the core group, or in one that they left long ago. */
const groupOf: Readonly<Record<string, string>> = {
  deployments: 'apps',
  statefulsets: 'apps',
  daemonsets: 'apps',
  replicasets: 'apps',
  jobs: 'batch',
  cronjobs: 'batch',
  ingresses: 'networking.k8s.io',
  networkpolicies: 'networking.k8s.io',
  horizontalpodautoscalers: 'autoscaling',
  poddisruptionbudgets: 'policy',
  leases: 'coordination.k8s.io',
  endpointslices: 'discovery.k8s.io',
  pods: '',
  services: '',
  configmaps: '',
  secrets: '',
  endpoints: '',
  nodes: '',
  namespaces: '',
  persistentvolumeclaims: '',
  serviceaccounts: '',
}

const otherGroup: FactualRule = {
  id: 'rbac_group_mismatch',
  severity: 'harmful',
  what: 'a Role rule for a resource in the wrong API group',
  why: 'The API server accepts the rule, but it grants nothing: requests fail with Forbidden.',
  *find({ manifest }) {
    if (!['Role', 'ClusterRole'].includes(textAt(manifest, 'kind') ?? '')) return
    for (const [at, rule] of listAt(manifest, 'rules').entries()) {
      const groups = wordsOf(valueAt(rule, 'apiGroups'))
      for (const [index, resource] of wordsOf(valueAt(rule, 'resources')).entries()) {
        const kind = resource.split('/')[0]!
        const group = Object.hasOwn(groupOf, kind) ? groupOf[kind]! : undefined
        // Metrics of pods and nodes have a separate group, and extensions was one of many kinds.
        const isOther = groups.some((each) => /^(\*|metrics\.k8s\.io|extensions)$/.test(each))
        if (group === undefined || groups.length === 0 || isOther || groups.includes(group)) continue
        if (groups.some((each) => each.includes('.') && !each.endsWith('.k8s.io'))) continue
        yield {
          path: ['rules', at, 'resources', index],
          reason: `${kind} are in the group ${group === '' ? '"" (the core)' : group}, and the rule names ${groups.map((each) => JSON.stringify(each)).join(', ')}`,
          fix: `Add a separate rule: { apiGroups: [${JSON.stringify(group)}], resources: [${resource}], verbs: [${wordsOf(valueAt(rule, 'verbs')).join(', ')}] }`,
        }
      }
    }
  },
}

const boundRoleMissing: FactualRule = {
  id: 'bound_role_missing',
  severity: 'harmful',
  what: 'a binding to a missing Role whose name resembles an existing one',
  why: 'The API server accepts the binding, but it grants nothing: requests fail with Forbidden.',
  *find(object, context) {
    if (!['ClusterRoleBinding', 'RoleBinding'].includes(textAt(object.manifest, 'kind') ?? '')) return
    const { kind, name } = fieldsAt(object.manifest, 'roleRef')
    if (typeof name !== 'string' || (kind !== 'Role' && kind !== 'ClusterRole')) return
    const there = ofKind(context, kind).filter(
      (each) => kind === 'ClusterRole' || isSameNamespace(namespaceOf(each), namespaceOf(object)),
    )
    const near = nearest(name, there.map(nameOf))
    if (near === undefined || near === name || editDistance(name, near) > 2) return
    yield {
      path: ['roleRef', 'name'],
      reason: `${kind} ${name} does not exist here, but ${near} does`,
      fix: `name: ${near}`,
    }
  },
}

export const accessRules: readonly FactualRule[] = [wildcardRights, boundAdmin, otherGroup, boundRoleMissing]
