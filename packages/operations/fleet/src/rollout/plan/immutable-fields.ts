/** Immutable fields, and how to change them anyway. */

import { readQuantity } from '../../quantity.ts'
import type { FieldChange } from './field-changes.ts'

export interface ImmutableIssue {
  readonly path: string
  /** A sentence. */
  readonly wayOut: string
}

const fields: Readonly<Record<string, RegExp>> = {
  Deployment: /^spec\.selector\b/,
  DaemonSet: /^spec\.selector\b/,
  StatefulSet: /^spec\.(selector|serviceName|volumeClaimTemplates|podManagementPolicy)\b/,
  Job: /^spec\.(selector|template|completions|completionMode)\b/,
  Service: /^spec\.(clusterIP|clusterIPs)\b/,
  PersistentVolumeClaim: /^spec\.(?!resources\b)/,
  RoleBinding: /^roleRef\b/,
  ClusterRoleBinding: /^roleRef\b/,
  Secret: /^type$/,
}

/** Unset fields may be set, except selectors, which are always set. */
export function immutableIssues(
  object: { readonly kind: string; readonly name: string; readonly isImmutable: boolean },
  changes: readonly FieldChange[],
): ImmutableIssue[] {
  const { kind, name, isImmutable } = object
  const pattern = fields[kind]
  return changes.flatMap((change): ImmutableIssue[] => {
    const { path, before, after } = change
    if (isImmutable && /^(data|binaryData|stringData|immutable)\b/.test(path))
      return [{ path, wayOut: `${kind} ${name} is immutable: true. Rename the new one.` }]
    if (kind === 'PersistentVolumeClaim' && path.startsWith('spec.resources') && shrinks(before, after))
      return [{ path, wayOut: 'A claim cannot shrink: use another claim, and copy the data.' }]
    if (pattern?.test(path) && before !== undefined && after !== undefined)
      return [{ path, wayOut: wayOutOf(kind, name) }]
    return []
  })
}

function wayOutOf(kind: string, name: string): string {
  const kubectl = `kubectl delete ${kind.toLowerCase()} ${name}`
  switch (kind) {
    case 'Deployment':
    case 'DaemonSet':
    case 'StatefulSet':
      return `Rename it; or \`${kubectl} --cascade=orphan\`, which keeps its pods, apply, and delete the remaining old pods.`
    case 'Job':
      return `A Job cannot be changed. Delete the old one (\`${kubectl}\`), or rename the new one.`
    case 'PersistentVolumeClaim':
      return 'Use another claim, and copy the data: deleting this one may delete the data.'
    case 'Service':
      return `\`${kubectl}\` and apply again; clients cannot connect in between.`
    default:
      return `\`${kubectl}\` and apply again.`
  }
}

function shrinks(before: unknown, after: unknown): boolean {
  if (typeof before !== 'string' || typeof after !== 'string') return false
  return (readQuantity(after) ?? 0) < (readQuantity(before) ?? 0)
}
