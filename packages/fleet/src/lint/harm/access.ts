/** Rights on the API server. */

import type { FactualRule } from '../rule-facts.ts'
import { listAt, textAt, valueAt, wordsOf } from './read/values.ts'

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

export const accessRules: readonly FactualRule[] = [wildcardRights, boundAdmin]
