/** A fake Kubernetes API server with the endpoints needed for watching EndpointSlices; tests supply lists and events. */

import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { KubernetesAccess } from '@hadal/upstream'

export async function fakeApiServer() {
  const requested: { url: string; authorization: string | undefined }[] = []
  const watches = new Set<ServerResponse>()
  let items: unknown[] = []
  let status = 200
  const server = createServer((incoming, response) => {
    const url = incoming.url ?? ''
    requested.push({ url, authorization: incoming.headers.authorization })
    if (status !== 200) return void response.writeHead(status).end('{}')
    if (!url.includes('watch=1'))
      return void response.end(JSON.stringify({ metadata: { resourceVersion: '41' }, items }))
    response.writeHead(200).flushHeaders()
    watches.add(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const access: KubernetesAccess = {
    server: `http://127.0.0.1:${port}`,
    token: async () => 'the-token',
    namespace: async () => 'models',
    certificateAuthority: async () => undefined,
  }
  return {
    access,
    requested,
    watches,
    list: (slices: unknown[]) => {
      items = slices
    },
    answer: (code: number) => {
      status = code
    },
    /** In pieces, as on a network. */
    notify: (type: string, object: unknown) => {
      const line = `${JSON.stringify({ type, object })}\n`
      for (const watch of watches) {
        watch.write(line.slice(0, 9))
        watch.write(line.slice(9))
      }
    },
    endWatches: () => {
      for (const watch of watches) watch.end()
      watches.clear()
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export const slice = (name: string, ports: readonly number[], ready = true) => ({
  metadata: { name },
  endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready } }],
  ports: ports.map((port) => ({ name: 'http', port })),
})
