/** Rights on the API server. */

import { editDistance, nearest } from '@hadal/base'
import type { FactualRule } from '../rule-facts.ts'
import { fieldsAt, listAt, textAt, valueAt, wordsOf } from './read/values.ts'
import { isSameNamespace, nameOf, namespaceOf, ofKind } from './read/workload.ts'

const wildcardRights: FactualRule = {
  id: 'wildcard_rbac',
  severity: 'harmful',
  what: 'a Role with * for verbs or resources',
  why: 'It grants what nobody thought of, also of kinds that are installed later: reading Secrets, starting pods.',
  *find({ manifest }) {
    if (!['Role', 'ClusterRole'].includes(textAt(manifest, 'kind') ?? '')) return
    for (const [at, rule] of listAt(manifest, 'rules').entries())
      for (const field of ['verbs', 'resources']) {
        if (!wordsOf(valueAt(rule, field)).includes('*')) continue
        yield {
          path: ['rules', at, field],
          reason:
            field === 'verbs'
              ? 'all verbs are granted: also delete, escalate, impersonate'
              : 'all resources are granted: Secrets among them',
          fix:
            field === 'verbs'
              ? 'verbs: [get, list, watch]'
              : 'resources: [pods, endpoints], those that the program reads',
        }
      }
  },
}

const boundAdmin: FactualRule = {
  id: 'bound_cluster_admin',
  severity: 'harmful',
  what: 'a ServiceAccount that is bound to cluster-admin',
  why: 'Whoever gets into one of its pods owns the cluster.',
  *find({ manifest }) {
    if (!['ClusterRoleBinding', 'RoleBinding'].includes(textAt(manifest, 'kind') ?? '')) return
    if (textAt(manifest, 'roleRef', 'name') !== 'cluster-admin') return
    const account = listAt(manifest, 'subjects').find(
      (subject) => valueAt(subject, 'kind') === 'ServiceAccount',
    )
    if (account === undefined) return
    yield {
      path: ['roleRef', 'name'],
      reason: `ServiceAccount ${textAt(account, 'name')} may do everything in the cluster`,
      fix: 'roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: NAME }, of a Role with the verbs and resources that it uses',
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
  what: 'a Role for a resource in a group that does not have it',
  why: 'It is taken, and grants nothing of that resource: the program is told Forbidden.',
  *find({ manifest }) {
    if (!['Role', 'ClusterRole'].includes(textAt(manifest, 'kind') ?? '')) return
    for (const [at, rule] of listAt(manifest, 'rules').entries()) {
      const groups = wordsOf(valueAt(rule, 'apiGroups'))
      for (const [index, resource] of wordsOf(valueAt(rule, 'resources')).entries()) {
        const kind = resource.split('/')[0]!
        const group = Object.hasOwn(groupOf, kind) ? groupOf[kind]! : undefined
        // Metrics of pods and nodes are a group of their own, and extensions was one of many kinds.
        const isOther = groups.some((each) => /^(\*|metrics\.k8s\.io|extensions)$/.test(each))
        if (group === undefined || groups.length === 0 || isOther || groups.includes(group)) continue
        if (groups.some((each) => each.includes('.') && !each.endsWith('.k8s.io'))) continue
        yield {
          path: ['rules', at, 'resources', index],
          reason: `${kind} are in the group ${group === '' ? '"" (the core)' : group}, and the rule names ${groups.map((each) => JSON.stringify(each)).join(', ')}`,
          fix: `A rule of its own: { apiGroups: [${JSON.stringify(group)}], resources: [${resource}], verbs: [${wordsOf(valueAt(rule, 'verbs')).join(', ')}] }`,
        }
      }
    }
  },
}

const boundRoleMissing: FactualRule = {
  id: 'bound_role_missing',
  severity: 'harmful',
  what: 'a binding of a Role that is not there, beside one of nearly that name',
  why: 'It is taken, and grants nothing: the program is told Forbidden.',
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
      reason: `there is no ${kind} ${name} here, but ${near}`,
      fix: `name: ${near}`,
    }
  },
}

export const accessRules: readonly FactualRule[] = [wildcardRights, boundAdmin, otherGroup, boundRoleMissing]
