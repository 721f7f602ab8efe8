import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { Agent } from 'undici'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connector } from './connector.ts'

/** Responds to `/length` and `/end` with `?bytes`, and ends the connection. */
const server = createServer((socket) => {
  socket.on('error', () => {})
  socket.once('data', (request) => {
    const [, framing, bytes] = /^GET \/(\w+)\?(\d+)/.exec(String(request))!
    const length = framing === 'length' ? `content-length: ${bytes}\r\n` : ''
    socket.write(`HTTP/1.1 200 OK\r\n${length}connection: close\r\n\r\n`)
    socket.end(Buffer.alloc(Number(bytes), 'a'))
  })
})
beforeAll(async () => void (await once(server.listen(0, '127.0.0.1'), 'listening')))
afterAll(() => server.close())

const sizes = [1000, 65_536, 66_000, 100_000, 1_000_000]
it.each(sizes.flatMap((bytes) => [['length', bytes] as const, ['end', bytes] as const]))(
  'regression: a body delimited by %s, of %d bytes, is whole although it is read after the peer has ended',
  async (framing, bytes) => {
    const agent = new Agent({ connect: connector({ timeout: 10_000 }) })
    const { port } = server.address() as AddressInfo
    const { body } = await agent.request({
      origin: `http://127.0.0.1:${port}`,
      path: `/${framing}?${bytes}`,
      method: 'GET',
    })
    await setTimeout(200)
    expect((await body.arrayBuffer()).byteLength).toBe(bytes)
    await agent.close()
  },
)
