/** Cluster state for controllers: objects, scripted image behaviour, and time. */

import type { ObjectStore, StoredObject } from './object-store.ts'

/** Behaviour of an image on start; others start normally. */
export type ImageScript = 'missing' | 'denied' | 'crash' | 'outOfMemory' | 'neverReady'

export interface ClusterScript {
  /** By image. */
  readonly images: Readonly<Record<string, ImageScript>>
  /** Time from binding to ready. */
  readonly readyMillis: number
  /** Time from deletion to removal. */
  readonly terminationMillis: number
}

export interface Cluster {
  readonly store: ObjectStore
  readonly script: ClusterScript
  /** Milliseconds since 1970, of the fake. */
  now(): number
  /** In the API's format. */
  timestamp(): string
}

export function ownedBy(store: ObjectStore, kind: string, owner: StoredObject): StoredObject[] {
  return store
    .list(kind, owner.metadata.namespace)
    .filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid))
}

export const ownerReference = ({
  apiVersion,
  kind,
  metadata,
}: StoredObject): NonNullable<StoredObject['metadata']['ownerReferences']> => [
  { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true },
]

/** Repeated events increase a count. */
export function tellEvent(cluster: Cluster, about: StoredObject, reason: string, message: string): void {
  const { namespace = 'default', name, uid } = about.metadata
  const known = cluster.store
    .list('Event', namespace)
    .find(
      (event) =>
        event.reason === reason &&
        event.message === message &&
        (event.involvedObject as { uid?: string }).uid === uid,
    )
  if (known !== undefined) return
  cluster.store.put({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${cluster.store.version}`, namespace },
    involvedObject: { kind: about.kind, namespace, name, uid },
    type: 'Warning',
    reason,
    message,
    count: 1,
    lastTimestamp: cluster.timestamp(),
  })
}
