/** A cluster as its controllers see it: objects, a script of what images do, and the time. */

import type { ObjectStore, StoredObject } from './object-store.ts'

/** What an image does when it is started; others start. */
export type ImageScript = 'missing' | 'denied' | 'crash' | 'outOfMemory' | 'neverReady'

export interface ClusterScript {
  /** By image. */
  readonly images: Readonly<Record<string, ImageScript>>
  /** From being bound to being ready. */
  readonly readyMillis: number
  /** From being told to end to being gone. */
  readonly terminationMillis: number
}

export interface Cluster {
  readonly store: ObjectStore
  readonly script: ClusterScript
  /** Milliseconds since 1970, of the fake. */
  now(): number
  /** As objects have it. */
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

/** The same event again is counted, not repeated. */
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
