import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../../../kernel/base/test/eventually.ts'
import {
  type ConnectionLimitOptions,
  ConnectionLimits,
  neighbourhood,
  reservedConnections,
} from './connection-limits.ts'

it.each([
  ['1.2.3.4', '1.2.3.4'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:0db8:0001:0002::9', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['::', '0:0:0:0'],
  ['64:ff9b::1.2.3.4', '64:ff9b:0:0'],
])('%s lives in %s', (address, neighbours) => expect(neighbourhood(address)).toBe(neighbours))

it('addresses of one /64 are neighbours, however they are written', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      expect(neighbourhood(address)).toMatch(/^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){3}$/)
      expect(neighbourhood(address.toUpperCase())).toBe(neighbourhood(address))
    }),
  )
})

describe('connections', () => {
  async function serve(options: Partial<ConnectionLimitOptions>, answer: string | undefined = 'ok') {
    let dropped = 0
    const served: boolean[] = []
    const server = createServer((request, response) => {
      limits.begin(response, request.socket)
      response.once('close', () => limits.end(response, request.socket))
      served.push(limits.serve(response, request.socket))
      if (request.url === '/') response.end(answer)
    })
    const limits = new ConnectionLimits({
      max: 4096,
      perAddress: () => 100,
      isExempt: () => false,
      stallMillis: 60_000,
      onDrop: () => (dropped += 1),
      ...options,
    })
    limits.protect(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const open = async (): Promise<Socket> => {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
      socket.on('error', () => {})
      await once(socket, 'connect')
      return socket
    }
    return { server, open, served, dropped: () => dropped }
  }

  it('from one address are limited, and a closed one frees its slot', async () => {
    let most = 2
    const { open, dropped } = await serve({ perAddress: () => most })
    const [first, second, third] = [await open(), await open(), await open()]
    await once(third, 'close')
    expect([first.destroyed, second.destroyed, dropped()]).toEqual([false, false, 1])
    first.destroy()
    await eventually(async () => {
      const socket = await open()
      await new Promise((resolve) => setTimeout(resolve, 20))
      const isThere = !socket.destroyed && !socket.readableEnded
      socket.destroy()
      expect(isThere).toBe(true)
    })
    most = 0
    const late = await open()
    await once(late, 'close')
  })

  it('from exempt addresses are as many as they like', async () => {
    const { open, dropped } = await serve({ perAddress: () => 1, isExempt: (ip) => ip === '127.0.0.1' })
    const all = await Promise.all([open(), open(), open()])
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect([all.some((socket) => socket.destroyed), dropped()]).toEqual([false, 0])
  })

  it('that idle make way where there are too many; those that work do not', async () => {
    const { open, served, dropped } = await serve({ max: 2, perAddress: () => 1000 })
    const get = (socket: Socket, path: string) =>
      socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
    const working = await open()
    get(working, '/never')
    await eventually(() => expect(served).toEqual([true]))
    // Idle after a response.
    const idle = await open()
    get(idle, '/')
    await once(idle, 'data')
    const silent: Socket[] = []
    for (let count = 0; count < reservedConnections; count++) silent.push(await open())
    expect(dropped()).toBe(0)
    const closed: Socket[] = []
    for (const socket of [idle, ...silent]) socket.resume().once('close', () => closed.push(socket))
    await open()
    await eventually(() => expect(closed).toEqual([idle]))
    await open()
    await eventually(() => expect(closed).toEqual([idle, silent[0]]))
    expect([dropped(), working.destroyed]).toEqual([2, false])
    get(silent[1]!, '/never')
    await eventually(() => expect(served).toEqual([true, true, true]))
    get(silent[2]!, '/never')
    await eventually(() => expect(served.at(-1)).toBe(false))
  })

  it('whose reader takes nothing are given up, and those that take a little are not', async () => {
    const ask = async (stallMillis: number) => {
      const { open, server } = await serve({ stallMillis }, 'x'.repeat(16 * 1024 * 1024))
      const socket = await open()
      socket.pause()
      socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
      return { server, socket }
    }
    const { server } = await ask(300)
    const count = () => new Promise((resolve) => server.getConnections((_, all) => resolve(all)))
    await eventually(async () => expect(await count()).toBe(1))
    await eventually(async () => expect(await count()).toBe(0))
    // The whole request exceeds the limit, but each piece arrives well within it.
    const { socket: slow } = await ask(2000)
    let taken = 0
    slow.on('data', (piece) => {
      taken += piece.length
      slow.pause()
      setTimeout(() => slow.resume(), 12)
    })
    slow.resume()
    await eventually(() => expect(taken).toBeGreaterThan(16 * 1024 * 1024))
  })

  it('that wait for an answer are left alone', async () => {
    const { open } = await serve({ stallMillis: 50 })
    const socket = await open()
    socket.write('GET /never HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(socket.destroyed || socket.readableEnded).toBe(false)
    const { open: openIdle } = await serve({ stallMillis: 50 })
    const idle = await openIdle()
    idle.resume()
    await once(idle, 'close')
  })
})
