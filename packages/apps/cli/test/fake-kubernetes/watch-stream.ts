/** A watch: events as JSON lines from a resource version. */

import type { ServerResponse } from 'node:http'
import { matches, type Target } from './api-handler.ts'
import type { Cluster } from './cluster.ts'
import type { StoredObject, StoreEvent } from './object-store.ts'
import { StatusError } from './status-error.ts'

export interface WatchStream {
  /** No events up to here. */
  bookmark(): void
  /** Closed by the server after `timeoutSeconds`, or by a proxy at any time. */
  end(): void
}

export function startWatch(
  cluster: Cluster,
  target: Target,
  query: URLSearchParams,
  response: ServerResponse,
): WatchStream {
  const { store } = cluster
  const { kind, apiVersion } = target.served
  const given = query.get('resourceVersion') ?? ''
  const send = (type: string, object: unknown): void =>
    void response.write(`${JSON.stringify({ type, object })}\n`)
  const isWanted = ({ object }: StoreEvent): boolean =>
    object.kind === kind &&
    (target.namespace === undefined || object.metadata.namespace === target.namespace) &&
    matches(object, query)
  response.writeHead(200, { 'content-type': 'application/json' })
  response.flushHeaders()
  if (given !== '' && given !== '0' && Number(given) < store.compactedTo) {
    send(
      'ERROR',
      new StatusError(410, 'Expired', `too old resource version: ${given} (${store.compactedTo})`).body(),
    )
    response.end()
    return { bookmark: () => undefined, end: () => undefined }
  }
  if (given === '' || given === '0') {
    for (const object of store.list(kind, target.namespace)) if (matches(object, query)) send('ADDED', object)
  } else for (const event of store.since(Number(given))) if (isWanted(event)) send(event.type, event.object)
  const stop = store.onEvent((event) => {
    if (isWanted(event)) send(event.type, event.object)
  })
  response.on('close', stop)
  return {
    bookmark() {
      const metadata = { resourceVersion: String(store.version) } as StoredObject['metadata']
      if (query.get('allowWatchBookmarks') === 'true') send('BOOKMARK', { apiVersion, kind, metadata })
    },
    end() {
      stop()
      response.end()
    },
  }
}
