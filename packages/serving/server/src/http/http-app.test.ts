/** Slow, malformed, excess and unauthorized connections and requests over real sockets. */

import { once } from 'node:events'
import { get } from 'node:https'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { connectionsWithin, createLogger, descriptorLimit, silentLogger, systemClock } from '@hadal/base'
import { createTelemetry } from '@hadal/telemetry'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../../../kernel/base/test/eventually.ts'
import { adminListenerOf, createHttpApp, type HttpAppOptions, type HttpSettings } from './http-app.ts'
import { defaultLimits, type ServerLimits } from './limits.ts'
import { listen } from './listen.ts'

function makeApp(options: Partial<HttpAppOptions> = {}, limits: Partial<ServerLimits> = {}): FastifyInstance {
  const app = createHttpApp({
    telemetry: createTelemetry(),
    clock: systemClock,
    logger: silentLogger,
    limits: { ...defaultLimits, ...limits },
    ...options,
  })
  onTestFinished(() => app.close())
  app.get('/health', async () => ({ status: 'ok' }))
  app.get('/slots', async () => [])
  app.post('/lora-adapters', async () => ({ success: true }))
  app.get('/v1/models', async () => ({ data: [] }))
  app.post('/v1/echo', async (request) => request.body)
  app.get('/v1/large', async () => 'x'.repeat(8 * 1024 * 1024))
  return app
}

async function serve(options: Partial<HttpAppOptions> = {}, limits: Partial<ServerLimits> = {}) {
  const app = makeApp(options, limits)
  const { port, url } = await listen(app, '127.0.0.1', 0)
  return { app, port, url, open: () => open(port) }
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

async function answered(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('utf8').on('data', (piece) => (text += piece))
  await once(socket, 'close')
  return text
}

/** Sends one byte at a time until the peer closes. */
async function drip(socket: Socket, text: string): Promise<string> {
  const answer = answered(socket)
  let at = 0
  const timer = setInterval(() => {
    if (socket.writable) socket.write(text[at++ % text.length]!)
  }, 10)
  return answer.finally(() => clearInterval(timer))
}

const ask = async (port: number, request: string): Promise<string> => {
  const socket = await open(port)
  socket.write(request)
  return answered(socket)
}
const last = 'connection: close\r\n\r\n'
const codeOf = (answer: string): string => JSON.parse(answer.split('\r\n\r\n')[1]!).error.code

describe('slow clients', () => {
  const quick = { headersTimeoutMillis: 1000, requestTimeoutMillis: 1500, connectionsCheckMillis: 50 }

  it('that drip headers are shed, while others are served', async () => {
    const { port, url } = await serve({}, quick)
    const socket = await open(port)
    socket.write('GET /health HTTP/1.1\r\nhost: localhost\r\nx-a: ')
    const shed = drip(socket, 'a')
    await eventually(async () => expect((await fetch(`${url}/health`)).status).toBe(200))
    expect(await shed).toMatch(/^HTTP\/1.1 408 /)
  })

  it('that drip a body are shed', async () => {
    const { port } = await serve({}, quick)
    const socket = await open(port)
    socket.write(
      'POST /v1/echo HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n',
    )
    expect(await drip(socket, '"')).toMatch(/^HTTP\/1.1 408 /)
  })

  it('that drip a body in chunks are shed', async () => {
    const { port } = await serve({}, quick)
    const socket = await open(port)
    socket.write(
      'POST /v1/echo HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    )
    expect(await drip(socket, '1\r\n"\r\n')).toMatch(/^HTTP\/1.1 408 /)
  })

  it('that ask and never read are given up', async () => {
    const { app, open } = await serve({}, { stallTimeoutMillis: 150 })
    const socket = await open()
    socket.pause()
    socket.write('GET /v1/large HTTP/1.1\r\nhost: localhost\r\n\r\n')
    const count = () => new Promise((resolve) => app.server.getConnections((_, all) => resolve(all)))
    await eventually(async () => expect(await count()).toBe(1))
    await eventually(async () => expect(await count()).toBe(0))
  })

  it('that hold hundreds of idle connections make way', async () => {
    const { app, open, url } = await serve({}, { maxConnections: 200 })
    const request = 'GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n'
    const sockets = await Promise.all(Array.from({ length: 200 }, open))
    await Promise.all(
      sockets.map(async (socket) => {
        socket.write(request)
        await once(socket, 'data')
        socket.resume()
      }),
    )
    expect(app.server.listening).toBe(true)
    await eventually(async () => expect((await fetch(`${url}/health`)).status).toBe(200))
  })

  it('that are silent, more than there may be connections, keep out neither health checks nor clients', async () => {
    const { open, url } = await serve({}, { maxConnections: 100 })
    for (let count = 0; count < 400; count++) await open()
    expect((await fetch(`${url}/health`)).status).toBe(200)
    expect((await fetch(`${url}/v1/models`)).status).toBe(200)
  })

  it('that use all connections leave health and administration reachable; others are refused with 503', async () => {
    const app = makeApp({}, { maxConnections: 3 })
    const waiting: (() => void)[] = []
    app.get('/v1/slow', () => new Promise<object>((resolve) => waiting.push(() => resolve({}))))
    const { port, url } = await listen(app, '127.0.0.1', 0)
    for (let count = 0; count < 3; count++)
      (await open(port)).write('GET /v1/slow HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await eventually(() => expect(waiting).toHaveLength(3))
    const refused = await ask(port, 'GET /v1/models HTTP/1.1\r\nhost: localhost\r\n\r\n')
    expect(refused).toMatch(/^HTTP\/1.1 503 [\s\S]*connection: close\r\nretry-after: 1\r\n/)
    expect(codeOf(refused)).toBe('too_many_connections')
    expect((await fetch(`${url}/health`)).status).toBe(200)
    for (const answer of waiting) answer()
    await eventually(async () => expect((await fetch(`${url}/v1/models`)).status).toBe(200))
  })

  it('are no more than the limit of open files allows', async () => {
    const lines: string[] = []
    const logger = createLogger((level, message) => lines.push(`${level}: ${message}`), 'warn')
    const descriptors = descriptorLimit() ?? Number.POSITIVE_INFINITY
    const app = makeApp({ logger }, { maxConnections: 500_000_000 })
    await app.ready()
    if (descriptors === Number.POSITIVE_INFINITY) expect(lines).toEqual([])
    else
      expect(lines).toEqual([
        `warn: connections are limited to ${connectionsWithin(descriptors)}: this process may open ${descriptors} files`,
      ])
  })
})

describe('bodies in flight', () => {
  const head = (length: number) =>
    `POST /v1/echo HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`

  it('have a budget: unfinished ones are refused with 503, and complete ones are answered', async () => {
    const { open, port } = await serve({}, { maxBodiesBytes: 300_000 })
    const unfinished: Promise<string>[] = []
    for (let count = 0; count < 10; count++) {
      const socket = await open()
      unfinished.push(answered(socket))
      socket.write(`${head(100_001)}"${'x'.repeat(99_000)}`)
    }
    const refused = await Promise.all(unfinished.slice(0, 6))
    for (const answer of refused) {
      expect(answer).toMatch(/^HTTP\/1.1 503 [\s\S]*retry-after: 1\r\n/)
      expect(codeOf(answer)).toBe('too_many_bodies')
    }
    const body = JSON.stringify('y'.repeat(100_000))
    expect(await ask(port, head(body.length).replace(/\r\n$/, last) + body)).toMatch(/^HTTP\/1.1 200 /)
  })

  it('of one request may be as large as its own limit, and are released with the response', async () => {
    const app = makeApp({}, { maxBodiesBytes: 1000 })
    const payload = JSON.stringify('x'.repeat(10_000))
    for (let count = 0; count < 5; count++) {
      const response = await app.inject({
        method: 'POST',
        url: '/v1/echo',
        payload,
        headers: { 'content-type': 'application/json' },
      })
      expect(response.statusCode).toBe(200)
    }
    await eventually(() => expect(app.bodyLimits().budget.bytes).toBe(0))
  })
})

describe('malformed requests', () => {
  it('with headers too large or too many are refused', async () => {
    const { port } = await serve({}, { maxHeaderBytes: 4096, maxHeaders: 20 })
    const large = `GET /health HTTP/1.1\r\nhost: localhost\r\nx-a: ${'a'.repeat(5000)}\r\n${last}`
    expect(await ask(port, large)).toMatch(/^HTTP\/1.1 431 [\s\S]*"code":"headers_too_large"/)
    const headers = (count: number) =>
      `GET /health HTTP/1.1\r\nhost: localhost\r\n${'x: y\r\n'.repeat(count)}${last}`
    expect(await ask(port, headers(18))).toMatch(/^HTTP\/1.1 200 /)
    const many = await ask(port, headers(300))
    expect(many).toMatch(/^HTTP\/1.1 431 /)
    expect(codeOf(many)).toBe('too_many_headers')
  })

  it.each([
    ['two lengths', 'content-length: 2\r\ncontent-length: 3\r\n'],
    ['a length and chunks', 'content-length: 2\r\ntransfer-encoding: chunked\r\n'],
    ['a length that is no number', 'content-length: 2x\r\n'],
    ['a negative length', 'content-length: -2\r\n'],
    ['an encoding nobody knows', 'transfer-encoding: zipped\r\n'],
    ['a space before a colon', 'content-length : 2\r\n'],
    ['a folded header', 'x-a: b\r\n c: d\r\ncontent-length : 2\r\n'],
  ])('with %s are refused, and smuggle none in', async (_, headers) => {
    const { port } = await serve()
    const smuggled = 'GET /v1/models HTTP/1.1\r\nhost: localhost\r\n\r\n'
    const answer = await ask(
      port,
      `POST /v1/echo HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${headers}\r\n{}${smuggled}`,
    )
    expect(answer).toMatch(/^HTTP\/1.1 400 /)
    expect(answer.match(/^HTTP\/1\.1 \d/gm)).toHaveLength(1)
  })

  it('of any bytes leave the server as it was', async () => {
    const { port, url } = await serve()
    const line = fc.constantFrom(
      'GET / HTTP/1.1\r\n',
      'host: x\r\n',
      '\r\n',
      'content-length: 1\r\n',
      '\0',
      'PRI *',
    )
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 100 }).map((array) => Buffer.from(array)),
      fc.array(line, { maxLength: 8 }).map((lines) => Buffer.from(lines.join(''))),
    )
    await fc.assert(
      fc.asyncProperty(bytes, async (sent) => {
        const socket = await open(port)
        socket.end(sent)
        socket.resume()
        if (!socket.closed) await once(socket, 'close')
      }),
      { numRuns: 40 },
    )
    expect((await fetch(`${url}/health`)).status).toBe(200)
  })

  it('with a body over the limit of the moment are refused', async () => {
    let maxBodyBytes = 100
    const app = makeApp({ settings: () => ({ limits: { ...defaultLimits, maxBodyBytes } }) })
    const post = (payload: string) =>
      app.inject({
        method: 'POST',
        url: '/v1/echo',
        payload,
        headers: { 'content-type': 'application/json' },
      })
    const text = JSON.stringify({ x: 'x'.repeat(200) })
    expect((await post(text)).json().error).toMatchObject({
      code: 'body_too_large',
      message: expect.stringContaining('100 bytes'),
    })
    maxBodyBytes = 1000
    expect((await post(text)).body).toBe(text)
    const { port } = await listen(app, '127.0.0.1', 0)
    const chunks = `${'64\r\n'.concat('x'.repeat(100), '\r\n').repeat(11)}0\r\n\r\n`
    const answer = await ask(
      port,
      `POST /v1/echo HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n${last}${chunks}`,
    )
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
  })
})

describe('who is let in', () => {
  it('is decided by the keys of the moment', async () => {
    const live = { limits: defaultLimits, apiKeys: ['old'] }
    const app = makeApp({ settings: () => live })
    const status = async (key: string) =>
      (await app.inject({ url: '/v1/models', headers: { authorization: `Bearer ${key}` } })).statusCode
    expect([await status('old'), await status('new')]).toEqual([200, 401])
    live.apiKeys = ['new']
    expect([await status('old'), await status('new')]).toEqual([401, 200])
  })

  it('and so are the web pages that may call', async () => {
    const live: HttpSettings & { corsOrigins: string[] } = { limits: defaultLimits, corsOrigins: [] }
    const app = makeApp({ settings: () => live })
    const preflight = () =>
      app.inject({ method: 'OPTIONS', url: '/v1/echo', headers: { origin: 'https://a.example' } })
    expect((await preflight()).statusCode).toBe(404)
    live.corsOrigins = ['https://a.example']
    expect((await preflight()).headers).toMatchObject({
      'access-control-allow-origin': 'https://a.example',
      'access-control-allow-credentials': 'true',
    })
    live.corsOrigins = ['*']
    const any = (await preflight()).headers
    expect(any['access-control-allow-origin']).toBe('https://a.example')
    expect(any).not.toHaveProperty('access-control-allow-credentials')
  })

  it('may be known elsewhere', async () => {
    const app = makeApp({
      apiKeys: ['k'],
      identify: async ({ headers }) => {
        if (headers.authorization !== 'Bearer stored') throw new Error('unknown')
      },
    })
    const status = async (key: string) =>
      (await app.inject({ url: '/v1/models', headers: { authorization: `Bearer ${key}` } })).statusCode
    expect([await status('k'), await status('stored'), await status('x')]).toEqual([200, 200, 500])
  })

  it('a page with a forged host name is rejected, and legitimate callers are accepted', async () => {
    const { port } = await serve()
    const get = (host: string, more = '') =>
      ask(port, `GET /v1/models HTTP/1.1\r\nhost: ${host}\r\n${more}${last}`)
    expect(await get('localhost')).toMatch(/^HTTP\/1.1 200 /)
    expect(codeOf(await get(`evil.example:${port}`))).toBe('host_not_allowed')
    expect(await ask(port, 'GET /v1/models HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 200 /)
    const proxied = await serve({ trustProxy: ['loopback'] })
    const through = `GET /v1/models HTTP/1.1\r\nhost: h\r\nx-forwarded-host: hadal.example\r\n${last}`
    expect(await ask(proxied.port, through)).toMatch(/^HTTP\/1.1 200 /)
  })

  it('an administrator sits at this machine, and behind no proxy', async () => {
    const { port } = await serve()
    const change = (more = '') =>
      ask(
        port,
        `POST /lora-adapters HTTP/1.1\r\nhost: localhost:${port}\r\ncontent-type: application/json\r\ncontent-length: 2\r\n${more}${last}[]`,
      )
    expect(await change()).toMatch(/^HTTP\/1.1 200 /)
    expect(codeOf(await change('x-forwarded-for: 127.0.0.1\r\n'))).toBe('admin_key_needed')
    expect(codeOf(await change('origin: http://evil.example\r\n'))).toBe('origin_not_allowed')
    expect(await change(`origin: http://localhost:${port}\r\n`)).toMatch(/^HTTP\/1.1 200 /)
  })

  it('no headers cause a server error', async () => {
    const app = makeApp({ apiKeys: ['k'], trustProxy: ['loopback'], corsOrigins: ['localhost'] })
    const value = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.constantFrom(
        'Bearer k',
        'null',
        'http://localhost:1',
        '127.0.0.1',
        ',,,',
        '[::1',
        '%',
        'a'.repeat(5000),
      ),
    )
    const names = ['host', 'origin', 'authorization', 'x-api-key', 'x-forwarded-for', 'x-forwarded-host']
    const headers = fc.dictionary(
      fc.constantFrom(...names, 'x-forwarded-proto', 'x-request-id', 'via'),
      value,
    )
    await fc.assert(
      fc.asyncProperty(
        headers,
        fc.constantFrom('/v1/models', '/slots', '/health', '/no'),
        async (given, url) => {
          const { statusCode } = await app.inject({ url, headers: given })
          expect(statusCode).toBeLessThan(500)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('responses forbid content sniffing and caching', async () => {
    const app = makeApp({ apiKeys: ['k'] })
    for (const url of ['/health', '/v1/models'])
      expect((await app.inject(url)).headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      })
  })
})

it('the observer and the log also record rejected requests', async () => {
  const [lines, seen]: [string[], number[]] = [[], []]
  const app = makeApp({
    apiKeys: ['k'],
    logger: createLogger((_, message) => lines.push(message)),
    observe: (app) =>
      app.addHook('onRequest', async (_, reply) => {
        reply.raw.once('close', () => seen.push(reply.raw.statusCode))
      }),
  })
  await app.inject('/v1/models')
  await app.inject('/health')
  expect([seen, lines]).toEqual([[401, 200], []])
  const own = makeApp({ logger: createLogger((_, message) => lines.push(message)) })
  await own.inject('/v1/models')
  await eventually(() => expect(lines).toEqual(['GET /v1/models']))
})

describe('an address of their own', () => {
  it('serves the admin routes, and only to administrators', async () => {
    const { app, url } = await serve({ separateAdmin: true, adminKeys: ['a'] })
    const admin = await adminListenerOf(app)!.listen('127.0.0.1', 0)
    const status = async (base: string, path: string, key = 'a') =>
      (await fetch(`${base}${path}`, { headers: { authorization: `Bearer ${key}` } })).status
    expect(await status(admin.url, '/slots')).toBe(200)
    expect(await status(admin.url, '/slots', 'b')).toBe(403)
    expect(await status(admin.url, '/health')).toBe(200)
    expect(await status(admin.url, '/v1/models')).toBe(404)
    expect(await status(url, '/slots')).toBe(404)
    expect(await status(url, '/v1/models')).toBe(200)
    await app.close()
    await expect(fetch(`${admin.url}/health`)).rejects.toThrow()
  })

  it('that is in use is said', async () => {
    const { app, port } = await serve({ separateAdmin: true })
    await expect(adminListenerOf(app)!.listen('127.0.0.1', port)).rejects.toMatchObject({
      code: 'port_in_use',
    })
  })
})

describe('over TLS', () => {
  const file = (name: string): string => fileURLToPath(new URL(`../../test/tls/${name}.pem`, import.meta.url))
  const tls = { cert: file('one.cert'), key: file('one.key') }

  it('it is served, from version 1.2 on', async () => {
    const { url, port } = await serve({ tls })
    expect(url).toBe(`https://127.0.0.1:${port}`)
    const status = await new Promise((resolve, reject) =>
      get(`${url}/health`, { rejectUnauthorized: false }, (answer) => resolve(answer.statusCode)).on(
        'error',
        reject,
      ),
    )
    expect(status).toBe(200)
    const old = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.1' })
    await expect(once(old, 'secureConnect')).rejects.toThrow()
    expect(await ask(port, `GET /health HTTP/1.1\r\nhost: localhost\r\n${last}`)).not.toContain('200')
  })

  it('who never ends the handshake is shed', async () => {
    const { open } = await serve({ tls }, { headersTimeoutMillis: 200 })
    const socket = await open()
    socket.write(Buffer.from([0x16, 0x03, 0x01]))
    socket.resume()
    await once(socket, 'close')
  })

  it('and administrators have it, too', async () => {
    const { app } = await serve({ tls, separateAdmin: true })
    const admin = await adminListenerOf(app)!.listen('127.0.0.1', 0)
    expect(admin.url).toMatch(/^https:/)
    const status = await new Promise((resolve, reject) =>
      get(`${admin.url}/slots`, { rejectUnauthorized: false }, (answer) => resolve(answer.statusCode)).on(
        'error',
        reject,
      ),
    )
    expect(status).toBe(200)
  })

  it('does not start with a certificate that is of no use', () => {
    expect(() => makeApp({ tls: { ...tls, key: file('two.key') } })).toThrow(
      expect.objectContaining({ code: 'tls_unusable' }),
    )
  })
})

it('a connection that ends, ends all the answers that it waits for', async () => {
  const app = makeApp()
  let begun = 0
  let ended = 0
  app.get('/v1/never', (_, reply) => {
    begun += 1
    reply.raw.once('close', () => (ended += 1))
    return new Promise(() => {})
  })
  const { port } = await listen(app, '127.0.0.1', 0)
  const socket = await open(port)
  socket.write('GET /v1/never HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(3))
  await eventually(() => expect(begun).toBe(3))
  socket.destroy()
  await eventually(() => expect(ended).toBe(3))
})
