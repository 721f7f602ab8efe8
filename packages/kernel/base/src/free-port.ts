/**
 * Finds free ports, for programs whose server cannot choose one itself. A port is not reserved: another process may bind
 * it first.
 */

import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/** @internal */
export interface ListenPlace {
  /** All addresses of the machine by default. */
  readonly host?: string
  /** 0: any free port. */
  readonly port: number
}

/**
 * Listens on a port to hold it; undefined if the port is in use (EADDRINUSE) or not permitted (EACCES).
 *
 * @internal
 */
export function holdPort(place: ListenPlace): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined)
      else reject(error)
    })
    server.listen({ ...place, exclusive: true }, () => resolve(server))
  })
}

/**
 * The port if it is free, or a free one for port 0; otherwise undefined.
 *
 * @internal
 */
export async function tryPort(place: ListenPlace): Promise<number | undefined> {
  const server = await holdPort(place)
  return server === undefined ? undefined : letGo(server)
}

/**
 * `count` different free ports of the loopback interface.
 *
 * @internal
 */
export async function freePorts(count: number): Promise<number[]> {
  const place = { host: '127.0.0.1', port: 0 }
  const servers = await Promise.all(Array.from({ length: count }, () => holdPort(place)))
  return Promise.all(servers.map((server) => letGo(server!)))
}

/**
 * A free port of the loopback interface.
 *
 * @internal
 */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1)
  return port!
}

async function letGo(server: Server): Promise<number> {
  const { port } = server.address() as { readonly port: number }
  await once(server.close(), 'close')
  return port
}
