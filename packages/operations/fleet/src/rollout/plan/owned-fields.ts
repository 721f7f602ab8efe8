/** The part of an object that one manager applied, read from `managedFields` (FieldsV1: `f:`, `k:`, `v:` and `.`). */

import type { Manifest } from '../../manifest.ts'
import type { KubeObject } from '../kube-objects.ts'

/**
 * With apiVersion, kind and name always. Nothing else when the manager applied nothing.
 *
 * @internal
 */
export function ownedFields(live: KubeObject, manager: string): Manifest {
  const entry = (live.metadata.managedFields ?? []).find(
    (each) => each.manager === manager && each.operation === 'Apply' && each.subresource === undefined,
  )
  const { apiVersion, kind, metadata } = live
  const picked = entry?.fieldsV1 === undefined ? {} : (pick(live, entry.fieldsV1) as Record<string, unknown>)
  return {
    ...picked,
    apiVersion,
    kind,
    metadata: {
      ...(picked.metadata as object | undefined),
      name: metadata.name,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    },
  }
}

/** @internal */
export const isAppliedBy = (live: KubeObject, manager: string): boolean =>
  (live.metadata.managedFields ?? []).some((each) => each.manager === manager && each.operation === 'Apply')

type Fields = Readonly<Record<string, unknown>>

function pick(value: unknown, fields: Fields): unknown {
  const parts = Object.entries(fields).filter(([key]) => key !== '.')
  if (parts.length === 0) return value
  if (Array.isArray(value)) return value.flatMap((item) => pickItem(item, parts))
  if (typeof value !== 'object' || value === null) return value
  const picked: Record<string, unknown> = {}
  for (const [key, inner] of parts) {
    const name = key.slice('f:'.length)
    const found = (value as Record<string, unknown>)[name]
    if (key.startsWith('f:') && found !== undefined) picked[name] = pick(found, inner as Fields)
  }
  return picked
}

/** An item is owned by its key (`k:{"name":"engine"}`, with nested fields) or by its value (`v:"x"`). */
function pickItem(item: unknown, parts: readonly (readonly [string, unknown])[]): unknown[] {
  for (const [key, inner] of parts) {
    if (key.startsWith('v:') && JSON.stringify(item) === key.slice('v:'.length)) return [item]
    if (!key.startsWith('k:')) continue
    const wanted = JSON.parse(key.slice('k:'.length)) as Record<string, unknown>
    const isIt = Object.entries(wanted).every(
      ([name, value]) => (item as Record<string, unknown>)[name] === value,
    )
    if (!isIt) continue
    return [pick(item, inner as Fields)]
  }
  return []
}
