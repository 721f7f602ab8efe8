/** A fake hub on 127.0.0.1 that lists and serves files like Hugging Face, with configurable misbehaviour. */

import { createHash } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Behaviour {
  /** Cut each connection after this many body bytes. */
  cutAfterBytes?: number
  /** Stop sending after this many bytes but keep the connection open. */
  stallAfterBytes?: number
  /** Respond 200 with the whole file, ignoring ranges. */
  ignoreRange?: boolean
  /** Respond 206 with a part that starts here. */
  wrongRangeStart?: number
  /** Number of initial requests answered with `failStatus`. */
  failures?: number
  failStatus?: number
  retryAfter?: string
  /** Added to the Content-Length, and to the listed sizes. */
  lengthLie?: number
  listedSizeLie?: number
  listedSha256?: string
  /** Send files without a Content-Length, ending with the connection after this many bytes. */
  lengthless?: number
  etag?: string | null
  /** Status of listings, and of files; the valid token is `secret`. */
  listStatus?: number
  fileStatus?: number
  needsToken?: boolean
  listBody?: string
  pageSize?: number
  /** Redirect files to another host, as to a CDN. */
  redirectTo?: string
  /** Hash sent along with a redirect. */
  linkedSha256?: string
  /** Additional listing entries. */
  extraEntries?: unknown[]
  /** Number of times a file is served with one byte changed, by path. */
  spoilt?: Record<string, number>
  /** Delay before a file starts. */
  delayMillis?: number
}

export interface FakeHub extends AsyncDisposable {
  readonly endpoint: string
  readonly behaviour: Behaviour
  /** By path in the repository `owner/repo`. */
  readonly files: Map<string, Buffer>
  readonly requests: { url: string; headers: IncomingHttpHeaders }[]
  /** Maximum number of concurrent file transfers. */
  readonly maxAtOnce: number
}

export async function startFakeHub(files: Record<string, Buffer> = {}): Promise<FakeHub> {
  const behaviour: Behaviour = {}
  const contents = new Map(Object.entries(files))
  const requests: FakeHub['requests'] = []
  const atOnce = { now: 0, most: 0 }
  const server = createServer((request, response) => {
    requests.push({ url: request.url!, headers: request.headers })
    if ((behaviour.failures ?? 0) > 0) {
      behaviour.failures! -= 1
      const headers = behaviour.retryAfter === undefined ? {} : { 'retry-after': behaviour.retryAfter }
      return response.writeHead(behaviour.failStatus ?? 503, headers).end()
    }
    if (behaviour.needsToken && request.headers.authorization !== 'Bearer secret')
      return response.writeHead(401).end()
    const { pathname, searchParams } = new URL(request.url!, 'http://hub')
    if (pathname.startsWith('/api/models/owner/repo/tree/')) return list(response, searchParams)
    const path = /^\/(?:owner\/repo\/resolve\/[^/]+|cdn)\/(.+)$/.exec(pathname)?.[1]
    const content = path && contents.get(decodeURIComponent(path))
    if (!content) return response.writeHead(404).end()
    if (behaviour.fileStatus !== undefined) return response.writeHead(behaviour.fileStatus).end()
    if (behaviour.redirectTo !== undefined && !pathname.startsWith('/cdn/'))
      return response.writeHead(302, redirection(behaviour.redirectTo, path!)).end()
    atOnce.most = Math.max(atOnce.most, ++atOnce.now)
    response.on('close', () => {
      atOnce.now -= 1
    })
    setTimeout(() => send(request, response, spoilt(path!, content)), behaviour.delayMillis ?? 0)
  })

  function redirection(host: string, path: string): Record<string, string> {
    const linked = behaviour.linkedSha256
    return {
      location: `${host}/cdn/${path}`,
      ...(linked !== undefined && { 'x-linked-etag': `"${linked}"` }),
    }
  }

  function spoilt(path: string, content: Buffer): Buffer {
    if (!behaviour.spoilt?.[path]) return content
    behaviour.spoilt[path]! -= 1
    const other = Buffer.from(content)
    other[other.length - 1]! ^= 1
    return other
  }

  function list(response: ServerResponse, search: URLSearchParams): void {
    if (behaviour.listStatus !== undefined) return void response.writeHead(behaviour.listStatus).end()
    const files = [...contents].map(([path, content]) => {
      const size = content.length + (behaviour.listedSizeLie ?? 0)
      if (!/\.(?:gguf|safetensors|bin)$/.test(path))
        return { type: 'file', path, size, oid: gitBlob(content) }
      const oid = behaviour.listedSha256 ?? sha256(content)
      return { type: 'file', path, size: 134, oid: gitBlob(Buffer.from(oid)), lfs: { oid, size } }
    })
    const entries = [...files, ...(behaviour.extraEntries ?? [])]
    const from = Number(search.get('cursor') ?? 0)
    const to = from + (behaviour.pageSize ?? entries.length)
    const next = `</api/models/owner/repo/tree/main?recursive=true&cursor=${to}>; rel="next"`
    response.writeHead(200, to < entries.length ? { link: next } : {})
    response.end(
      behaviour.listBody ?? JSON.stringify([{ type: 'directory', path: 'x' }, ...entries.slice(from, to)]),
    )
  }

  function send(request: IncomingMessage, response: ServerResponse, content: Buffer): void {
    const requested = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')
    const etag = behaviour.etag === undefined ? `"${sha256(content)}"` : behaviour.etag
    const isOther = request.headers['if-range'] !== undefined && request.headers['if-range'] !== etag
    const isPart = requested !== null && !behaviour.ignoreRange && !isOther
    const start = isPart ? (behaviour.wrongRangeStart ?? Number(requested[1])) : 0
    if (start > 0 && start >= content.length) return void response.writeHead(416).end()
    const body = content.subarray(start)
    if (behaviour.lengthless !== undefined) {
      // HTTP/1.0 style: neither a length nor chunks.
      response.useChunkedEncodingByDefault = false
      response.writeHead(200, { connection: 'close', ...(etag !== null && { etag }) })
      return void response.end(content.subarray(0, behaviour.lengthless))
    }
    response.writeHead(isPart ? 206 : 200, {
      'content-length': body.length + (behaviour.lengthLie ?? 0),
      ...(etag !== null && { etag }),
      ...(isPart && { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }),
    })
    const { cutAfterBytes, stallAfterBytes } = behaviour
    if (stallAfterBytes !== undefined && stallAfterBytes < body.length)
      response.write(body.subarray(0, stallAfterBytes))
    else if (cutAfterBytes !== undefined && cutAfterBytes < body.length)
      response.write(body.subarray(0, cutAfterBytes), () => setTimeout(() => response.destroy(), 20))
    else response.end(body)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    behaviour,
    files: contents,
    requests,
    get maxAtOnce() {
      return atOnce.most
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function gitBlob(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
}

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

/** Bytes that pass for a model: the magic, then noise from `seed`. */
export function fakeModel(bytes: number, seed = 1): Buffer {
  const content = Buffer.alloc(bytes)
  let state = seed
  for (let index = 0; index < bytes; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    content[index] = state >>> 24
  }
  content.write('GGUF')
  return content
}
