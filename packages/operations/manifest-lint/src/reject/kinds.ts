/** Rules for kinds that an API server of 1.33 does not have: removed versions, misspelt names, wrong groups. */

import { nearest } from '@hadal/base'
import type { LintObject } from '@hadal/fleet'
import type { LintRule } from '../lint-rule.ts'
import { kindSchema, knownKinds } from '../schemas/schema-table.ts'
import { rejected } from './check.ts'
import { fieldsIn } from './place.ts'

/** Groups of the API server itself: no CRD can add kinds to them. */
const ownGroups = new Set([
  '',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'apps',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'extensions',
  'flowcontrol.apiserver.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
])

/** Reviews and the like are posted to the server and kept nowhere. */
const passing =
  /^(Binding|Eviction|TokenRequest|ComponentStatus|.*Review|Scale|APIGroup|Status|DeleteOptions)$/

export const kindsRule: LintRule = ({ manifest }, { objects }) => {
  const { apiVersion, kind } = manifest
  if (kindSchema(apiVersion, kind) !== undefined || passing.test(kind)) return []
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.lastIndexOf('/')) : ''
  const elsewhere = versionsOf(kind)
  if (apiVersion.split('/').length > 2 || !/^([a-z0-9.-]+\/)?v\d+((alpha|beta)\d+)?$/.test(apiVersion))
    return [
      gone(
        'unknown_kind',
        ['apiVersion'],
        `${apiVersion} is not a valid apiVersion: use GROUP/VERSION`,
        elsewhere,
      ),
    ]
  if (definesKind(objects, group, kind)) return []
  if (kind === 'PodSecurityPolicy' && (group === 'policy' || group === 'extensions'))
    return [
      rejected(
        'removed_api',
        ['apiVersion'],
        'PodSecurityPolicy was removed in 1.25',
        'Delete it; label the namespace with pod-security.kubernetes.io/enforce.',
      ),
    ]
  if (ownGroups.has(group)) {
    const name = group === '' ? `${apiVersion} (the core group)` : apiVersion
    if (elsewhere.length > 0) {
      const isOld = /beta|alpha/.test(apiVersion) || group === 'extensions'
      return [
        gone(
          isOld ? 'removed_api' : 'unknown_kind',
          ['apiVersion'],
          `Kubernetes 1.33 does not serve ${kind} in ${name}`,
          elsewhere,
        ),
      ]
    }
    return [
      rejected('unknown_kind', ['kind'], `unknown kind ${kind} in ${name}`, meantKind(apiVersion, kind)),
    ]
  }
  const inGroup = knownKinds().filter((one) => one.startsWith(`${group}/`))
  const versions = elsewhere.filter((one) => one.startsWith(`${group}/`))
  if (versions.length > 0)
    return [gone('removed_api', ['apiVersion'], `unknown kind ${kind} in ${apiVersion}`, versions)]
  // The group may have kinds that are not in the tables; a mistyped one is near to one that is.
  const near = nearest(
    kind,
    inGroup.map((one) => one.slice(one.lastIndexOf('/') + 1)),
  )
  if (near !== undefined)
    return [
      rejected(
        'unknown_kind',
        ['kind'],
        `unknown kind ${kind} in ${apiVersion}`,
        `Did you mean kind: ${near}?`,
      ),
    ]
  if (!group.includes('.'))
    return [gone('unknown_kind', ['apiVersion'], `unknown API group ${group}`, elsewhere)]
  const group2 = nearest(group, new Set(knownKinds().map((one) => one.split('/')[0]!)))
  if (group2 !== undefined && elsewhere.some((one) => one.startsWith(`${group2}/`)))
    return [gone('unknown_kind', ['apiVersion'], `unknown API group ${group}`, elsewhere)]
  return [
    {
      rule: 'unchecked_kind',
      severity: 'advice',
      path: ['kind'],
      reason: `no schema is known for ${kind} in ${apiVersion}: its fields are not checked`,
      fix: 'Make sure its custom resource definition is installed; kubectl apply --dry-run=server checks the fields.',
    },
  ]
}

const gone = (rule: string, path: readonly string[], reason: string, elsewhere: readonly string[]) =>
  rejected(
    rule,
    path,
    reason,
    elsewhere.length > 0
      ? `Use apiVersion: ${elsewhere.join(' or ')}.`
      : 'Use the group and version that kubectl api-resources shows for this kind.',
  )

/** apiVersions that have the kind, stable ones before others. */
function versionsOf(kind: string): string[] {
  return knownKinds()
    .filter((one) => one.endsWith(`/${kind}`))
    .map((one) => one.slice(0, one.lastIndexOf('/')))
    .sort((a, b) => Number(/alpha|beta/.test(a)) - Number(/alpha|beta/.test(b)) || (a < b ? 1 : -1))
    .slice(0, 2)
}

function meantKind(apiVersion: string, kind: string): string {
  const all = new Set(knownKinds().map((one) => one.slice(one.lastIndexOf('/') + 1)))
  const meant = nearest(kind, all)
  if (meant === undefined) return 'Use a kind that kubectl api-resources lists.'
  const version = kindSchema(apiVersion, meant) === undefined ? versionsOf(meant)[0] : undefined
  return `Did you mean kind: ${meant}${version === undefined ? '' : `, apiVersion: ${version}`}?`
}

/** Whether a custom resource definition among the objects makes the kind. */
function definesKind(objects: readonly LintObject[], group: string, kind: string): boolean {
  return objects.some(({ manifest }) => {
    if (manifest.kind !== 'CustomResourceDefinition') return false
    const spec = fieldsIn(manifest.spec)
    return spec.group === group && fieldsIn(spec.names).kind === kind
  })
}
