/**
 * Server-side apply as far as tests need it: field ownership, conflicts, and removal of disowned fields. Keyed lists are merged by key;
 * other lists have a single owner.
 */

import { type Data, isSameData, type StoredObject } from './object-store.ts'

/** Elements as FieldsV1 has them: `f:spec`, `k:{"name":"engine"}`. */
type Path = readonly string[]

const listKeys: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  volumes: ['name'],
  env: ['name'],
  volumeMounts: ['mountPath'],
  ports: ['containerPort', 'protocol'],
  imagePullSecrets: ['name'],
  conditions: ['type'],
  ownerReferences: ['uid'],
}

const unowned = new Set(['apiVersion', 'kind', 'status'])
const unownedMetadata = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
  'deletionTimestamp',
])

export interface ApplyConflict {
  readonly manager: string
  readonly path: string
}

export interface Applied {
  readonly object: StoredObject
  readonly conflicts: readonly ApplyConflict[]
}

export interface ApplyOptions {
  readonly manager: string
  readonly isForced: boolean
  readonly now: string
}

/** `live` undefined creates. */
export function applyPatch(
  live: StoredObject | undefined,
  applied: StoredObject,
  options: ApplyOptions,
): Applied {
  const { manager, isForced, now } = options
  const sets = readSets(live)
  const mine = leavesOf(applied)
  const before = sets.find((each) => each.manager === manager && each.operation === 'Apply')
  const conflicts: ApplyConflict[] = []
  for (const other of sets) {
    if (other === before) continue
    for (const path of other.paths) {
      const wanted = mine.find((each) => overlaps(each, path))
      if (wanted === undefined || isSameData(valueAt(live, wanted), valueAt(applied, wanted))) continue
      if (isForced) other.paths = other.paths.filter((each) => each !== path)
      else conflicts.push({ manager: other.manager, path: shownPath(path) })
    }
  }
  const object = structuredClone(live ?? applied)
  for (const path of before?.paths ?? []) {
    if (mine.some((each) => overlaps(each, path))) continue
    const isShared = sets.some((each) => each !== before && each.paths.some((other) => overlaps(other, path)))
    if (!isShared) removeAt(object, path)
  }
  for (const path of mine) setAt(object, path, valueAt(applied, path))
  const rest = sets.filter((each) => each !== before && each.paths.length > 0)
  const own: FieldSet = {
    manager,
    operation: 'Apply',
    apiVersion: applied.apiVersion,
    time: now,
    paths: mine,
  }
  object.metadata.managedFields = [...rest, own].map(writeSet)
  return { object, conflicts }
}

/** After a write other than apply: changed fields belong to the writer. */
export function ownChanges(
  before: StoredObject | undefined,
  after: StoredObject,
  { manager, now }: { readonly manager: string; readonly now: string },
): StoredObject {
  const changed = leavesOf(after).filter((path) => !isSameData(valueAt(before, path), valueAt(after, path)))
  if (changed.length === 0 && before !== undefined)
    return { ...after, metadata: { ...after.metadata, managedFields: before.metadata.managedFields ?? [] } }
  const sets = readSets(before).map((each) => ({
    ...each,
    paths: each.paths.filter(
      (path) => !changed.some((other) => overlaps(other, path)) && valueAt(after, path) !== undefined,
    ),
  }))
  const own = sets.find((each) => each.manager === manager && each.operation === 'Update')
  const rest = sets.filter((each) => each !== own && each.paths.length > 0)
  const paths = [...(own?.paths ?? []), ...changed]
  const entry: FieldSet = { manager, operation: 'Update', time: now, apiVersion: after.apiVersion, paths }
  return { ...after, metadata: { ...after.metadata, managedFields: [...rest, entry].map(writeSet) } }
}

interface FieldSet {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly time: string
  paths: readonly Path[]
}

function readSets(object: StoredObject | undefined): FieldSet[] {
  return (object?.metadata.managedFields ?? []).map((entry) => ({
    manager: entry.manager as string,
    operation: entry.operation as 'Apply' | 'Update',
    apiVersion: entry.apiVersion as string,
    time: entry.time as string,
    paths: readFields(entry.fieldsV1 as Data),
  }))
}

function writeSet({ paths, ...entry }: FieldSet): Data {
  const fieldsV1: Data = {}
  for (const path of paths) {
    let inner = fieldsV1
    for (const part of path) {
      inner[part] ??= {}
      inner = inner[part] as Data
    }
  }
  return { ...entry, fieldsType: 'FieldsV1', fieldsV1 }
}

function readFields(fields: Data, before: Path = []): Path[] {
  const parts = Object.entries(fields)
  if (parts.length === 0) return before.length === 0 ? [] : [before]
  return parts.flatMap(([part, inner]) => (part === '.' ? [] : readFields(inner as Data, [...before, part])))
}

function leavesOf(object: StoredObject): Path[] {
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(([key]) => !unownedMetadata.has(key)),
  )
  const rest = Object.fromEntries(
    Object.entries(object).filter(([key]) => !unowned.has(key) && key !== 'metadata'),
  )
  return leaves({ ...rest, metadata }, [], '')
}

function leaves(value: unknown, path: Path, name: string): Path[] {
  if (Array.isArray(value)) {
    const keys = keysOf(name, value)
    if (keys === undefined) return [path]
    return value.flatMap((item: Data) => {
      const part = itemPart(keys, item)
      const inner = leaves(item, [...path, part], '')
      return inner.length === 0 ? [[...path, part]] : inner
    })
  }
  if (typeof value !== 'object' || value === null) return [path]
  const entries = Object.entries(value)
  if (entries.length === 0) return path.length <= 1 ? [] : [path]
  return entries.flatMap(([key, inner]) => leaves(inner, [...path, `f:${key}`], key))
}

function keysOf(name: string, items: readonly unknown[]): readonly string[] | undefined {
  const keys =
    name === 'ports' && (items[0] as Data | undefined)?.port !== undefined
      ? ['port', 'protocol']
      : listKeys[name]
  const [first] = keys ?? []
  if (first === undefined || items.length === 0) return undefined
  return items.every((item) => (item as Data)?.[first] !== undefined) ? keys : undefined
}

const itemPart = (keys: readonly string[], item: Data): string =>
  `k:${JSON.stringify(Object.fromEntries(keys.map((key) => [key, item[key] ?? (key === 'protocol' ? 'TCP' : undefined)])))}`

/** The one is the other, or stands within it. */
function overlaps(left: Path, right: Path): boolean {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index++) if (left[index] !== right[index]) return false
  return true
}

function itemOf(list: readonly Data[], part: string): Data | undefined {
  const keys = Object.entries(JSON.parse(part.slice(2)) as Data)
  return list.find((item) =>
    keys.every(([key, value]) => (item[key] ?? (key === 'protocol' ? 'TCP' : undefined)) === value),
  )
}

function valueAt(object: unknown, path: Path): unknown {
  let value = object
  for (const part of path) {
    if (value === undefined || value === null) return undefined
    value = part.startsWith('f:')
      ? (value as Data)[part.slice(2)]
      : Array.isArray(value)
        ? itemOf(value, part)
        : undefined
  }
  return value
}

function setAt(object: Data, path: Path, value: unknown): void {
  let at: unknown = object
  path.forEach((part, index) => {
    const isLast = index === path.length - 1
    if (part.startsWith('f:')) {
      const owner = at as Data
      const name = part.slice(2)
      if (isLast) owner[name] = structuredClone(value)
      else owner[name] ??= path[index + 1]!.startsWith('k:') ? [] : {}
      at = owner[name]
      return
    }
    const list = at as Data[]
    let item = itemOf(list, part)
    if (item === undefined) {
      item = JSON.parse(part.slice(2)) as Data
      list.push(item)
    }
    at = item
  })
}

/** Also removes parents that become empty. */
function removeAt(object: Data, path: Path): void {
  const [part, ...rest] = path
  if (part === undefined) return
  if (part.startsWith('f:')) {
    const name = part.slice(2)
    const inner = object[name]
    if (rest.length === 0 || inner === undefined || inner === null) delete object[name]
    else {
      removeAt(inner as Data, rest)
      if (Object.keys(inner).length === 0) delete object[name]
    }
    return
  }
  const list = object as unknown as Data[]
  const item = itemOf(list, part)
  if (item === undefined) return
  if (rest.length > 0) removeAt(item, rest)
  const isOnlyKey = Object.keys(item).length <= Object.keys(JSON.parse(part.slice(2)) as Data).length
  if (rest.length === 0 || isOnlyKey) list.splice(list.indexOf(item), 1)
}

/** `.spec.template.spec.containers[name="engine"].image`, as conflicts name it. */
function shownPath(path: Path): string {
  return path
    .map((part) => {
      if (part.startsWith('f:')) return `.${part.slice(2)}`
      const keys = Object.entries(JSON.parse(part.slice(2)) as Data)
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`
    })
    .join('')
}
