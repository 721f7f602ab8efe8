/**
 * Ports that nothing listens on, for programs whose server cannot choose one itself. Whoever listens there next has it: another process may
 * be faster.
 */

import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/** @internal */
export interface ListenPlace {
  /** All addresses of the machine by default. */
  readonly host?: string
  /** 0: any. */
  readonly port: number
}

/**
 * A server that holds a port; undefined where the port is taken or may not be listened on.
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
 * The port of the place, or one that is chosen; undefined where it is taken.
 *
 * @internal
 */
export async function tryPort(place: ListenPlace): Promise<number | undefined> {
  const server = await holdPort(place)
  return server === undefined ? undefined : letGo(server)
}

/**
 * Different ones, of the loopback interface.
 *
 * @internal
 */
export async function freePorts(count: number): Promise<number[]> {
  const place = { host: '127.0.0.1', port: 0 }
  const servers = await Promise.all(Array.from({ length: count }, () => holdPort(place)))
  return Promise.all(servers.map((server) => letGo(server!)))
}

/**
 * Of the loopback interface.
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
