/** Reads, applies and deletes cluster objects. Discovers served kinds; independent of rollouts. */

import { type KubeObject, type Manifest, objectName } from '@hadal/fleet'
import type { KubeConnection } from './kube-connection.ts'
import { askKube, type KubeRequest, type KubeRequestOptions } from './kube-request.ts'

/** Field manager for apply, in `managedFields`. */
export const fieldManager = 'hadal'
/** Field manager for restored fields. */
export const undoManager = 'hadal-undo'

export interface ApplyOptions {
  readonly force?: boolean
  readonly dryRun?: boolean
  /** In place of `fieldManager`. */
  readonly manager?: string
}

export interface ListOptions {
  /** Limits the list to one namespace; all by default. */
  readonly namespace?: string | undefined
  readonly labelSelector?: string
}

/** Each throws what `askKube` throws. */
export interface KubeClient extends Disposable {
  readonly server: string
  readonly context: string
  readonly namespace: string
  /** Undefined where the cluster serves no such kind. */
  kindOf(
    apiVersion: string,
    kind: string,
  ): Promise<{ readonly plural: string; readonly isNamespaced: boolean } | undefined>
  get(manifest: Pick<Manifest, 'apiVersion' | 'kind' | 'metadata'>): Promise<KubeObject | undefined>
  list(apiVersion: string, kind: string, options: ListOptions): Promise<readonly KubeObject[]>
  /** Server-side apply: what comes back is what the server keeps, or would. */
  apply(manifest: Manifest, options: ApplyOptions): Promise<KubeObject>
  /** Puts a whole object in place of the one that is there. */
  replace(object: KubeObject): Promise<KubeObject>
  /** Nothing happens when it is gone. */
  remove(object: Manifest): Promise<void>
}

const pageSize = 500

export function kubeClient(connection: KubeConnection, options: KubeRequestOptions): KubeClient {
  const groups = new Map<string, Promise<unknown>>()
  const ask = (request: KubeRequest): Promise<unknown> => askKube(connection, request, options)

  const kindOf: KubeClient['kindOf'] = async (apiVersion, kind) => {
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
    if (!groups.has(apiVersion))
      groups.set(apiVersion, ask({ method: 'GET', path: root, about: `kinds of ${apiVersion}` }))
    const found = (await groups.get(apiVersion)) as
      | { resources?: { name: string; kind: string; namespaced: boolean }[] }
      | undefined
    const resource = found?.resources?.find((each) => each.kind === kind && !each.name.includes('/'))
    return resource === undefined ? undefined : { plural: resource.name, isNamespaced: resource.namespaced }
  }

  const pathOf = async (
    apiVersion: string,
    kind: string,
    namespace: string | undefined,
    name?: string,
  ): Promise<string | undefined> => {
    const found = await kindOf(apiVersion, kind)
    if (found === undefined) return undefined
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
    const place =
      found.isNamespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''
    return `${root}${place}/${found.plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`
  }

  const pathOfObject = async ({
    apiVersion,
    kind,
    metadata,
  }: Pick<Manifest, 'apiVersion' | 'kind' | 'metadata'>): Promise<string> => {
    const path = await pathOf(apiVersion, kind, metadata.namespace, metadata.name)
    if (path === undefined) throw new Error(`${apiVersion} ${kind} is not served`)
    return path
  }

  return {
    server: connection.server.href,
    context: connection.context,
    namespace: connection.namespace,
    kindOf,
    async get(manifest) {
      const { apiVersion, kind, metadata } = manifest
      const path = await pathOf(apiVersion, kind, metadata.namespace, metadata.name)
      if (path === undefined) return undefined
      return (await ask({ method: 'GET', path, about: objectName(manifest) })) as KubeObject | undefined
    },
    async list(apiVersion, kind, { namespace, labelSelector }) {
      const path = await pathOf(apiVersion, kind, namespace)
      if (path === undefined) return []
      const items: KubeObject[] = []
      let next: string | undefined
      do {
        const query = new URLSearchParams({ limit: String(pageSize) })
        if (labelSelector !== undefined) query.set('labelSelector', labelSelector)
        if (next) query.set('continue', next)
        const page = (await ask({
          method: 'GET',
          path: `${path}?${query}`,
          about: `the list of ${kind}s`,
        })) as { items?: KubeObject[]; metadata?: { continue?: string } } | undefined
        // Items of a list come without their kind.
        for (const item of page?.items ?? []) items.push({ ...item, apiVersion, kind })
        next = page?.metadata?.continue
      } while (next)
      return items
    },
    async apply(manifest, { force = false, dryRun = false, manager = fieldManager }) {
      const query = new URLSearchParams({
        fieldManager: manager,
        fieldValidation: 'Strict',
        force: String(force),
      })
      if (dryRun) query.set('dryRun', 'All')
      const answer = await ask({
        method: 'PATCH',
        path: `${await pathOfObject(manifest)}?${query}`,
        body: manifest,
        contentType: 'application/apply-patch+yaml',
        about: objectName(manifest),
      })
      return answer as KubeObject
    },
    async replace(object) {
      const path = `${await pathOfObject(object)}?${new URLSearchParams({ fieldManager: undoManager })}`
      return (await ask({ method: 'PUT', path, body: object, about: objectName(object) })) as KubeObject
    },
    async remove(object) {
      const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' }
      await ask({ method: 'DELETE', path: await pathOfObject(object), body, about: objectName(object) })
    },
    [Symbol.dispose]: () => connection[Symbol.dispose](),
  }
}
