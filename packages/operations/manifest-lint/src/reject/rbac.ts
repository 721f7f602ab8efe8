/** Rules for roles, bindings and their references. */

import type { LintRule } from '../lint-rule.ts'
import { type Check, rejected, ruleOf } from './check.ts'
import { dnsSubdomain, pathSegment } from './formats.ts'
import { badName } from './metadata.ts'
import { isSaid, listOf, textOf } from './place.ts'

const group = 'rbac.authorization.k8s.io'

const policyRule: Check = function* ({ value, path, root }) {
  const has = (field: string): boolean => listOf(value[field]).length > 0
  if (Array.isArray(value.verbs) && value.verbs.length === 0)
    yield rejected(
      'missing_field',
      [...path, 'verbs'],
      'verbs must not be empty',
      'Add verbs, such as get, list, watch.',
    )
  if (has('nonResourceURLs')) {
    if (root.manifest.kind === 'Role')
      yield rejected(
        'bad_role',
        [...path, 'nonResourceURLs'],
        'a Role is namespaced and does not support nonResourceURLs',
        'Make it a ClusterRole.',
      )
    if (has('apiGroups') || has('resources') || has('resourceNames'))
      yield rejected(
        'bad_role',
        [...path, 'nonResourceURLs'],
        'a rule cannot combine resources and nonResourceURLs',
        'Split it into two rules.',
      )
    return
  }
  if (!has('apiGroups'))
    yield rejected(
      'missing_field',
      path,
      'the rule has no apiGroups',
      'Add apiGroups; [""] is the core group.',
    )
  if (!has('resources'))
    yield rejected('missing_field', path, 'the rule has no resources', 'Add resources, such as pods.')
}

const roleRef: Check = function* ({ value, path, root }) {
  const isCluster = root.manifest.kind === 'ClusterRoleBinding'
  const kinds = isCluster ? ['ClusterRole'] : ['ClusterRole', 'Role']
  if (isSaid(value.kind) && !kinds.includes(String(value.kind)))
    yield rejected(
      'bad_binding',
      [...path, 'kind'],
      `a ${root.manifest.kind} can reference a ${kinds.join(' or a ')}, but not a ${String(value.kind)}`,
      isCluster && value.kind === 'Role' ? 'Make it a RoleBinding.' : `Use ${kinds.join(' or ')}.`,
    )
  const wrong = typeof value.name === 'string' ? pathSegment(value.name) : undefined
  if (wrong !== undefined)
    yield rejected('bad_name', [...path, 'name'], `the name ${wrong}`, 'Correct the name.')
  if (isSaid(value.apiGroup) && value.apiGroup !== group)
    yield rejected('bad_binding', [...path, 'apiGroup'], `apiGroup must be ${group}`, `Use ${group}.`)
}

const subject: Check = function* ({ value, path, root }) {
  const kind = textOf(value.kind)
  if (kind === undefined) return
  const at = [...path, 'kind']
  if (!['Group', 'ServiceAccount', 'User'].includes(kind))
    yield rejected(
      'bad_binding',
      at,
      `kind must be Group, ServiceAccount or User, and is ${kind}`,
      'Use one of the allowed values.',
    )
  const apiGroup = textOf(value.apiGroup)
  if (kind === 'ServiceAccount') {
    if (apiGroup !== undefined)
      yield rejected(
        'bad_binding',
        [...path, 'apiGroup'],
        'a ServiceAccount is in the core group',
        'Delete apiGroup.',
      )
    const name = textOf(value.name)
    const wrong = name === undefined ? undefined : dnsSubdomain(name)
    if (name !== undefined && wrong !== undefined) yield badName([...path, 'name'], name, wrong)
    if (!isSaid(value.namespace) && root.manifest.kind === 'ClusterRoleBinding')
      yield rejected('missing_field', path, 'a ServiceAccount needs its namespace here', 'Add namespace.')
  } else if (apiGroup !== undefined && apiGroup !== group && /^(User|Group)$/.test(kind))
    yield rejected(
      'bad_binding',
      [...path, 'apiGroup'],
      `apiGroup must be ${group}`,
      `Use ${group}, or delete it.`,
    )
}

export const rbacRule: LintRule = ruleOf({
  RbacV1Subject: subject,
  V1PolicyRule: policyRule,
  V1RoleRef: roleRef,
})
