/** Issues that only arise from other objects applied together with this one. */

import type { Issue, LintObject } from '@hadal/fleet'
import type { LintRule } from '../lint-rule.ts'
import { rejected } from './check.ts'
import { fieldsIn, itemsOf, textOf } from './place.ts'

/** `apps/Deployment/prod/web`: what makes two manifests the same object, whatever their version. */
export function identityOf({ manifest }: LintObject): string | undefined {
  const { name, namespace } = fieldsIn(manifest.metadata)
  if (typeof name !== 'string' || name === '') return undefined
  const group = manifest.apiVersion.includes('/') ? manifest.apiVersion.split('/')[0] : ''
  return [group, manifest.kind, textOf(namespace) ?? 'default', name].join('/')
}

const indexed = new WeakMap<readonly LintObject[], ReadonlyMap<string, readonly LintObject[]>>()

/** All of these that are the same object as this one. */
export function sameObjects(objects: readonly LintObject[], object: LintObject): readonly LintObject[] {
  const identity = identityOf(object)
  if (identity === undefined) return []
  const index = indexed.get(objects) ?? indexOf(objects)
  return index.get(identity) ?? []
}

function indexOf(objects: readonly LintObject[]): ReadonlyMap<string, readonly LintObject[]> {
  const index = new Map<string, LintObject[]>()
  for (const one of objects) {
    const identity = identityOf(one)
    const found = index.get(identity ?? '')
    if (found !== undefined) found.push(one)
    else if (identity !== undefined) index.set(identity, [one])
  }
  indexed.set(objects, index)
  return index
}

/** Applied one after the other, the second replaces the first. Folders apart are environments apart. */
export const sameObjectRule: LintRule = (object, { objects }) => {
  for (const other of sameObjects(objects, object)) {
    if (other === object) return []
    if (folderOf(other.file) !== folderOf(object.file)) continue
    if (JSON.stringify(other.manifest) === JSON.stringify(object.manifest) && other.file !== object.file)
      continue
    return [
      {
        rule: 'object_twice',
        severity: 'harmful',
        path: ['metadata', 'name'],
        reason: `the same object is defined in ${other.file}:${other.lineOf(['metadata', 'name'])}; the one applied last wins`,
        fix: 'Delete or rename one of them.',
      },
    ]
  }
  return []
}

const folderOf = (file: string): string => file.slice(0, file.lastIndexOf('/') + 1)

/** A port of all nodes, or an address, can be one Service's only. */
export const portTakenRule: LintRule = (object, { objects }) => {
  if (object.manifest.kind !== 'Service') return []
  const issues: Issue[] = []
  for (const [index, key] of nodePortsOf(object))
    for (const other of objects) {
      if (other === object) break
      if (identityOf(other) === identityOf(object) || folderOf(other.file) !== folderOf(object.file)) continue
      if (!nodePortsOf(other).some(([, taken]) => taken === key)) continue
      issues.push(
        rejected(
          'port_taken',
          ['spec', 'ports', index, 'nodePort'],
          `nodePort ${key} is already used by Service ${textOf(fieldsIn(other.manifest.metadata).name)}`,
          'Use another port from 30000 to 32767, or delete the field to have one allocated.',
        ),
      )
    }
  return issues
}

function nodePortsOf({ manifest }: LintObject): (readonly [index: number, key: string])[] {
  if (manifest.kind !== 'Service' || manifest.apiVersion !== 'v1') return []
  return itemsOf(fieldsIn(manifest.spec).ports).flatMap(([index, { nodePort, protocol }]) =>
    typeof nodePort === 'number' && nodePort > 0
      ? [[index, `${nodePort}/${textOf(protocol) ?? 'TCP'}`] as const]
      : [],
  )
}
