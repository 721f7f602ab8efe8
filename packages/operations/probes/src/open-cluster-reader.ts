/**
 * Lists of a cluster's API for a capture, read only, with the kubeconfig that `hadal deploy` uses. Keeps of each object what checks
 * read: environment variables, arguments and annotations never leave the cluster. What goes wrong with a request is its reading.
 */

import { messageOf } from '@hadal/base'
import { askKube, type ConnectionFlags, connect, type KubeConnection } from '@hadal/cluster'
import { keepFields, type RawReading } from '@hadal/doctor'
import type { Terminal } from '@hadal/output'

export interface ClusterReader extends Disposable {
  /** All pages of a list such as `/api/v1/pods`. If the account may not list all namespaces: only the context's namespace, with `isCut`. */
  read(path: string, limitMillis: number, signal?: AbortSignal): Promise<RawReading>
}

/** Throws `cluster_config_invalid`: a requested cluster that is unknown is an error, not a healthy result. */
export async function openClusterReader(flags: ConnectionFlags, terminal: Terminal): Promise<ClusterReader> {
  const connection = await connect(flags, terminal)
  return {
    read: (path, limitMillis, signal) => readList(connection, path, limitMillis, signal),
    [Symbol.dispose]: () => connection[Symbol.dispose](),
  }
}

const pageSize = 500
/** More objects than checks need; larger results are marked `isCut`. */
const maxPages = 40

async function readList(
  connection: KubeConnection,
  path: string,
  limitMillis: number,
  signal: AbortSignal | undefined,
): Promise<RawReading> {
  const limit = AbortSignal.timeout(limitMillis)
  const options = {
    timeoutMillis: limitMillis,
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
  }
  const get = (from: string): Promise<unknown> =>
    askKube(connection, { method: 'GET', path: from, about: path }, options)
  try {
    return await pagesOf(path, get)
  } catch (thrown) {
    const own = ofNamespace(path, connection.namespace)
    if (codeOf(thrown) === 'cluster_forbidden' && own !== undefined)
      try {
        const reading = await pagesOf(own, get)
        return 'failed' in reading ? reading : { ...reading, isCut: true }
      } catch (again) {
        return failureOf(again, limit)
      }
    return failureOf(thrown, limit)
  }
}

async function pagesOf(path: string, get: (path: string) => Promise<unknown>): Promise<RawReading> {
  const plural = pluralOf(path)
  if (plural === 'version') return textOfAnswer(await get(path), plural)
  const items: unknown[] = []
  let next: string | undefined
  for (let page = 0; page < maxPages; page++) {
    const url = new URL(path, 'http://cluster')
    url.searchParams.set('limit', String(pageSize))
    if (next !== undefined) url.searchParams.set('continue', next)
    const answer = (await get(`${url.pathname}${url.search}`)) as
      | { readonly items?: unknown; readonly metadata?: { readonly continue?: unknown } }
      | undefined
    if (answer === undefined) return { failed: 'absent', detail: `the cluster does not serve ${plural}` }
    if (!Array.isArray(answer.items))
      return { failed: 'unreadable', detail: `the response of ${path} has no list` }
    for (const item of answer.items) items.push(keepFields(plural, item))
    const token = answer.metadata?.continue
    next = typeof token === 'string' && token !== '' ? token : undefined
    if (next === undefined) return { text: JSON.stringify({ items }) }
  }
  return { text: JSON.stringify({ items }), isCut: true }
}

const textOfAnswer = (answer: unknown, plural: string): RawReading => {
  const kept = keepFields(plural, answer)
  return kept === undefined
    ? { failed: 'unreadable', detail: 'the server did not return its version' }
    : { text: JSON.stringify(kept) }
}

const pluralOf = (path: string): string => path.replace(/\?.*/, '').split('/').at(-1) ?? ''

const clusterWide: ReadonlySet<string> = new Set(['nodes', 'version', 'apiservices'])

/** `/api/v1/pods` to `/api/v1/namespaces/models/pods`; undefined for what belongs to no namespace. */
function ofNamespace(path: string, namespace: string): string | undefined {
  if (clusterWide.has(pluralOf(path))) return undefined
  return path.replace(/\/(?=[^/]*$)/, `/namespaces/${encodeURIComponent(namespace)}/`)
}

function failureOf(thrown: unknown, limit: AbortSignal): RawReading {
  const detail = messageOf(thrown)
  switch (codeOf(thrown)) {
    case 'cluster_timeout':
      return { failed: 'timed-out', detail }
    case 'cluster_forbidden':
    case 'cluster_unauthorized':
    case 'cluster_credentials':
      return { failed: 'refused', detail }
  }
  if (limit.aborted) return { failed: 'timed-out', detail: 'no response within the time limit' }
  return { failed: 'unreadable', detail }
}

const codeOf = (thrown: unknown): string | undefined =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined
