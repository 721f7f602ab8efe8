/**
 * A Kubernetes API over loopback HTTP(S) for tests: discovery, objects with resource versions, server-side apply, patches, watches, and
 * controllers that roll out Deployments to GPU nodes. Its clock advances only with requests.
 *
 * Limitations: fields are validated only with `faultsOf`; priorities, volumes and probes are ignored.
 *
 * Usage:
 *   const fake = await startFakeKubernetes({ folder, nodes: [gpuNode('gpu-1', 4)] })
 *   ... KubeConfig.loadFromFile(fake.kubeconfig) ...
 *   await fake.close()
 */

import {
  createServer as createHttp,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { type ApiRules, answer, targetOf } from './api-handler.ts'
import type { Certificates } from './certificates.ts'
import type { Cluster, ClusterScript } from './cluster.ts'
import { reconcile } from './controllers.ts'
import { type Fault, takeFault } from './issues.ts'
import { coreKinds, operatorKinds, type ServedKind } from './kinds.ts'
import { writeKubeconfig } from './kubeconfig.ts'
import { ObjectStore, type StoredObject } from './object-store.ts'
import { StatusError } from './status-error.ts'
import { startWatch, type WatchStream } from './watch-stream.ts'

export interface FakeKubernetesOptions {
  /** For its kubeconfig. */
  readonly folder: string
  readonly nodes?: readonly StoredObject[]
  readonly kinds?: readonly ServedKind[]
  readonly script?: Partial<ClusterScript>
  readonly forbids?: ApiRules['forbids']
  readonly faultsOf?: ApiRules['faultsOf']
  /** Clock advance per request. */
  readonly millisPerRequest?: number
  /** TLS, and client certificates in addition to tokens. */
  readonly certificates?: Certificates
  /** Clock skew. */
  readonly skewMillis?: number
}

export interface FakeKubernetes {
  readonly url: string
  /** A file that names it, with a token or a client certificate. */
  readonly kubeconfig: string
  readonly store: ObjectStore
  readonly faults: Fault[]
  /** `PATCH /apis/...?fieldManager=hadal`, as they came. */
  readonly requests: string[]
  /** Puts an object there as if it had always been. */
  put(object: StoredObject): void
  advance(millis: number): void
  /** No token is known any more. */
  expireTokens(): void
  /** Ends all watches. */
  cutWatches(): void
  bookmark(): void
  /** Closes every connection, and listens again on the same port. */
  restart(): Promise<void>
  close(): Promise<void>
}

export const fakeToken: string = ['fake', 'token', '1'].join('-')

export async function startFakeKubernetes(options: FakeKubernetesOptions): Promise<FakeKubernetes> {
  const {
    nodes = [],
    kinds = [...coreKinds, ...operatorKinds],
    millisPerRequest = 1000,
    certificates,
  } = options
  let time = Date.parse('2026-01-01T00:00:00Z') + (options.skewMillis ?? 0)
  const store = new ObjectStore()
  const cluster: Cluster = {
    store,
    script: { images: {}, readyMillis: 3000, terminationMillis: 1000, ...options.script },
    now: () => time,
    timestamp: () => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z'),
  }
  const rules: ApiRules = { kinds, forbids: options.forbids, faultsOf: options.faultsOf }
  const tokens = new Set([fakeToken])
  const faults: Fault[] = []
  const requests: string[] = []
  const watches = new Set<WatchStream>()
  const sockets = new Set<Socket>()

  const userOf = (request: IncomingMessage): string => {
    const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1]
    if (token !== undefined && tokens.has(token)) return 'bob'
    const socket = request.socket as TLSSocket
    const subject = socket.authorized ? socket.getPeerCertificate().subject : undefined
    if (subject?.CN !== undefined) return String(subject.CN)
    throw new StatusError(401, 'Unauthorized', 'Unauthorized')
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const said = `${request.method} ${decodeURIComponent(request.url ?? '')}`
    const body = await bodyOf(request)
    requests.push(said)
    const fault = takeFault(faults, said)
    if (fault?.kind === 'cut') return void request.socket.destroy()
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, fault.millis))
    time += millisPerRequest
    reconcile(cluster)
    try {
      if (fault?.kind === 'status') {
        if (fault.retryAfterSeconds !== undefined) response.setHeader('retry-after', fault.retryAfterSeconds)
        throw new StatusError(
          fault.code,
          fault.reason ?? 'InternalError',
          fault.message ?? `it was told to answer ${fault.code}`,
        )
      }
      const user = userOf(request)
      const url = new URL(request.url ?? '/', 'http://fake')
      const { pathname: path, searchParams: query } = url
      if (request.method === 'GET' && query.get('watch') === 'true') {
        const stream = startWatch(cluster, targetOf(kinds, path), query, response)
        watches.add(stream)
        response.on('close', () => watches.delete(stream))
        return
      }
      const contentType = request.headers['content-type'] ?? ''
      const { code, body: said } = answer(cluster, rules, {
        method: request.method ?? 'GET',
        path,
        query,
        contentType,
        body,
        user,
      })
      reconcile(cluster)
      send(response, code, said)
    } catch (thrown) {
      const status =
        thrown instanceof StatusError ? thrown : new StatusError(500, 'InternalError', String(thrown))
      send(response, status.code, status.body())
    }
  }

  const listener: RequestListener = (request, response) => void handle(request, response)
  const start = async (port: number): Promise<Server> => {
    const server =
      certificates === undefined
        ? createHttp(listener)
        : createHttps(
            {
              cert: certificates.server.certificate,
              key: certificates.server.key,
              ca: certificates.ca,
              requestCert: true,
              rejectUnauthorized: false,
            },
            listener,
          )
    server.on(certificates === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    })
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    return server
  }
  const stop = (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => void server.close(() => resolve()))
  }

  let server = await start(0)
  const { port } = server.address() as AddressInfo
  const url = `${certificates === undefined ? 'http' : 'https'}://127.0.0.1:${port}`
  const kubeconfig = join(options.folder, 'kubeconfig')
  writeKubeconfig(kubeconfig, { url, token: fakeToken, certificates })
  for (const name of ['default', 'kube-system'])
    store.put({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
    })
  for (const node of nodes) store.put(node)

  return {
    url,
    kubeconfig,
    store,
    faults,
    requests,
    put(object) {
      store.put(object)
      reconcile(cluster)
    },
    advance(millis) {
      time += millis
      reconcile(cluster)
    },
    expireTokens: () => tokens.clear(),
    cutWatches() {
      for (const watch of watches) watch.end()
    },
    bookmark() {
      for (const watch of watches) watch.bookmark()
    },
    async restart() {
      await stop()
      server = await start(port)
    },
    close: stop,
  }
}

/** A node with GPUs, as the device plugin and the usual taint make it. */
export function gpuNode(
  name: string,
  gpus: number,
  given: { tainted?: boolean; cordoned?: boolean; labels?: Record<string, string> } = {},
): StoredObject {
  const taints = given.tainted
    ? [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }]
    : undefined
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        ...(gpus > 0 ? { 'nvidia.com/gpu.present': 'true' } : {}),
        ...given.labels,
      },
    },
    spec: { ...(taints === undefined ? {} : { taints }), ...(given.cordoned ? { unschedulable: true } : {}) },
    status: {
      allocatable: {
        cpu: '64',
        memory: '512Gi',
        pods: '110',
        ...(gpus > 0 ? { 'nvidia.com/gpu': String(gpus) } : {}),
      },
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function send(response: ServerResponse, code: number, body: unknown): void {
  const text = JSON.stringify(body)
  response.writeHead(code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}
