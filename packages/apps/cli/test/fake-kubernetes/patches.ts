/** Merge, JSON and strategic merge patches. */

import type { Data } from './object-store.ts'
import { StatusError } from './status-error.ts'

/** RFC 7386. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isData(patch)) return patch
  const merged: Data = isData(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else merged[key] = mergePatch(merged[key], value)
  }
  return merged
}

const mergeKeys: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  volumes: 'name',
  env: 'name',
  volumeMounts: 'mountPath',
}

/** Lists of containers, volumes and variables are merged by name; `$patch: replace` and `delete` are known. */
export function strategicPatch(target: unknown, patch: unknown): unknown {
  if (!isData(patch)) return patch
  const { $patch: directive, ...fields } = patch
  if (directive === 'replace') return fields
  const merged: Data = isData(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(fields)) {
    const mergeKey = mergeKeys[key]
    if (value === null) delete merged[key]
    else if (Array.isArray(value) && mergeKey !== undefined)
      merged[key] = mergeItems(merged[key], value, mergeKey)
    else merged[key] = strategicPatch(merged[key], value)
  }
  return merged
}

function mergeItems(target: unknown, items: readonly Data[], key: string): Data[] {
  const list = Array.isArray(target) ? [...(target as Data[])] : []
  for (const item of items) {
    const at = list.findIndex((each) => each[key] === item[key])
    if (item.$patch === 'delete') list.splice(at, at < 0 ? 0 : 1)
    else if (at < 0) list.push(item)
    else list[at] = strategicPatch(list[at], item) as Data
  }
  return list
}

interface Operation {
  readonly op: 'add' | 'remove' | 'replace' | 'test'
  readonly path: string
  readonly value?: unknown
}

/** RFC 6902 without move and copy. */
export function jsonPatch(target: unknown, operations: readonly Operation[]): unknown {
  const root = { root: structuredClone(target) } as Data
  for (const { op, path, value } of operations) {
    const parts = path
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    const last = parts.length === 0 ? 'root' : parts.pop()!
    let owner: unknown = parts.length === 0 && last === 'root' ? root : root.root
    for (const part of parts) owner = (owner as Data | undefined)?.[part]
    if (typeof owner !== 'object' || owner === null) throw unprocessable(`the path ${path} does not exist`)
    const holder = owner as Data
    if (op === 'test' && JSON.stringify(holder[last]) !== JSON.stringify(value))
      throw unprocessable(`testing ${path} failed`)
    if ((op === 'remove' || op === 'replace') && !(last in holder))
      throw unprocessable(`the path ${path} does not exist`)
    if (Array.isArray(holder)) {
      if (op === 'add') holder.splice(last === '-' ? holder.length : Number(last), 0, value)
      else if (op === 'remove') holder.splice(Number(last), 1)
      else if (op === 'replace') holder[Number(last)] = value
    } else if (op === 'remove') delete holder[last]
    else if (op !== 'test') holder[last] = value
  }
  return root.root
}

const unprocessable = (message: string): StatusError => new StatusError(422, 'Invalid', message)
const isData = (value: unknown): value is Data =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
