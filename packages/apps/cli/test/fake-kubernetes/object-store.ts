/** Objects with resource versions, and the event history since the last compaction. */

/** An object as JSON. */
export type Data = { [field: string]: unknown }

export interface StoredObject extends Data {
  apiVersion: string
  kind: string
  metadata: StoredMetadata
  spec?: Data
  status?: Data
}

export interface StoredMetadata extends Data {
  name: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller: boolean }[]
  managedFields?: Data[]
}

export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly version: number
  readonly object: StoredObject
}

export class ObjectStore {
  readonly #objects = new Map<string, StoredObject>()
  readonly #listeners = new Set<(event: StoreEvent) => void>()
  #history: StoreEvent[] = []
  #version = 1000
  #compactedTo = 0
  #uids = 0

  get version(): number {
    return this.#version
  }

  /** Watches from older versions get 410. */
  get compactedTo(): number {
    return this.#compactedTo
  }

  compact(): void {
    this.#compactedTo = this.#version
    this.#history = []
  }

  get(kind: string, namespace: string | undefined, name: string): StoredObject | undefined {
    return this.#objects.get(keyOf(kind, namespace, name))
  }

  /** In creation order. */
  list(kind: string, namespace?: string): StoredObject[] {
    return [...this.#objects.values()].filter(
      (object) =>
        object.kind === kind && (namespace === undefined || object.metadata.namespace === namespace),
    )
  }

  /** No-op if unchanged. */
  put(object: StoredObject): StoredObject {
    const key = keyOf(object.kind, object.metadata.namespace, object.metadata.name)
    const before = this.#objects.get(key)
    if (before !== undefined && isSame(before, object)) return before
    this.#version += 1
    const uid = before?.metadata.uid ?? object.metadata.uid ?? `uid-${++this.#uids}`
    const stored = {
      ...object,
      metadata: { ...object.metadata, uid, resourceVersion: String(this.#version) },
    }
    this.#objects.set(key, stored)
    this.#tell({ type: before === undefined ? 'ADDED' : 'MODIFIED', version: this.#version, object: stored })
    return stored
  }

  remove({ kind, metadata: { namespace, name } }: StoredObject): void {
    const key = keyOf(kind, namespace, name)
    const object = this.#objects.get(key)
    if (object === undefined) return
    this.#version += 1
    this.#objects.delete(key)
    this.#tell({
      type: 'DELETED',
      version: this.#version,
      object: { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } },
    })
  }

  since(version: number): readonly StoreEvent[] {
    return this.#history.filter((event) => event.version > version)
  }

  /** Returns an unsubscribe function. */
  onEvent(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #tell(event: StoreEvent): void {
    this.#history.push(event)
    for (const listener of this.#listeners) listener(event)
  }
}

const keyOf = (kind: string, namespace: string | undefined, name: string): string =>
  `${kind}/${namespace ?? ''}/${name}`

function isSame(before: StoredObject, after: StoredObject): boolean {
  const bare = ({ metadata: { resourceVersion: _, uid: __, ...metadata }, ...rest }: StoredObject): string =>
    JSON.stringify([sorted(metadata), sorted(rest)])
  return bare(before) === bare(after)
}

export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  )
}

export const isSameData = (left: unknown, right: unknown): boolean =>
  JSON.stringify(sorted(left)) === JSON.stringify(sorted(right))
