/**
 * Lists and watches the EndpointSlices of a service, with the pod's service account. Needs `list` and `watch` of
 * `endpointslices` in `discovery.k8s.io`. One list and one watch per call; call again to continue.
 */

import { readFile } from 'node:fs/promises'
import { Agent, type Dispatcher } from 'undici'
import { connector } from '../connector.ts'
import type { Discovery } from '../upstream.ts'
import { type EndpointSlice, EndpointSlices } from './endpoint-slices.ts'
import { urlOf } from './resolve-urls.ts'

/** How to reach the API server. */
export interface KubernetesAccess {
  readonly server: string
  /** Read for each call: tokens are short-lived. */
  readonly token: () => Promise<string>
  readonly namespace: () => Promise<string>
  readonly certificateAuthority: () => Promise<string | undefined>
}

export interface WatchContext {
  readonly access: KubernetesAccess | undefined
  readonly signal: AbortSignal
  readonly found: (urls: readonly string[], pending: number) => void
}

type KubernetesDiscovery = Extract<Discovery, { readonly kubernetes: unknown }>

interface SliceList {
  readonly metadata: { readonly resourceVersion: string }
  readonly items: readonly EndpointSlice[]
}

interface WatchEvent {
  readonly type: string
  readonly object: EndpointSlice & { readonly code?: number; readonly message?: string }
}

const account = '/var/run/secrets/kubernetes.io/serviceaccount'
/** The server ends a watch after this time; the next list catches up. */
const watchSeconds = 300
const answerMillis = 10_000

/** Resolves when the watch has ended; throws on errors. */
export async function watchEndpoints(discovery: KubernetesDiscovery, context: WatchContext): Promise<void> {
  const { kubernetes } = discovery
  const { access = inCluster(), signal, found } = context
  const namespace = kubernetes.namespace ?? (await access.namespace())
  const label = encodeURIComponent(`kubernetes.io/service-name=${kubernetes.service}`)
  const path = `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices?labelSelector=${label}`
  const ca = await access.certificateAuthority()
  const agent = new Agent({
    headersTimeout: answerMillis,
    bodyTimeout: (watchSeconds + 30) * 1000,
    connect: connector({ timeout: answerMillis, ...(ca !== undefined && { ca }) }),
  })
  const get = async (query: string): Promise<Dispatcher.ResponseData['body']> => {
    const headers = { authorization: `Bearer ${await access.token()}`, accept: 'application/json' }
    const url = new URL(`${access.server}${path}${query}`)
    const { statusCode, body } = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: 'GET',
      headers,
      signal,
    })
    if (statusCode === 200) return body
    await body.dump()
    throw new Error(`Kubernetes answered ${statusCode} when asked for the endpoints of ${kubernetes.service}`)
  }
  const slices = new EndpointSlices()
  const notify = (): void => {
    const ready = slices.ready(kubernetes.port)
    found(ready.map(({ name, port }) => urlOf(discovery, name, port)).sort(), slices.pending)
  }
  try {
    const list = (await (await get('')).json()) as SliceList
    slices.reset(list.items)
    notify()
    const version = encodeURIComponent(list.metadata.resourceVersion)
    const events = await get(
      `&watch=1&allowWatchBookmarks=true&timeoutSeconds=${watchSeconds}&resourceVersion=${version}`,
    )
    for await (const line of linesOf(events)) {
      const { type, object } = JSON.parse(line) as WatchEvent
      if (type === 'ERROR') {
        // The resource version expired: the next list has a newer one.
        if (object.code === 410) return
        throw new Error(`the watch of endpoints failed: ${object.message ?? `code ${object.code}`}`)
      }
      if (type === 'ADDED' || type === 'MODIFIED') slices.put(object)
      else if (type === 'DELETED') slices.remove(object)
      else continue
      notify()
    }
  } finally {
    await agent.destroy()
  }
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let pending = ''
  for await (const piece of body) {
    pending += decoder.decode(piece, { stream: true })
    const lines = pending.split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield line
  }
}

function inCluster(): KubernetesAccess {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '443' } = process.env
  if (host === '')
    throw new Error('this process runs in no Kubernetes pod: KUBERNETES_SERVICE_HOST is not set')
  const read = async (name: string): Promise<string> => (await readFile(`${account}/${name}`, 'utf8')).trim()
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    token: () => read('token'),
    namespace: () => read('namespace'),
    certificateAuthority: () => read('ca.crt'),
  }
}
