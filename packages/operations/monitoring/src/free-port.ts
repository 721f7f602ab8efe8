/** A free port on the loopback interface. */

import { createServer } from 'node:net'
import { monitorPortTaken } from './errors.ts'

export interface PortWish {
  /** As it was asked for; 0 is any. */
  readonly requested: number | undefined
  /** Taken where nothing was asked for and it is free. */
  readonly usual: number
  /** What asks for it. */
  readonly flag: string
}

/** Throws `monitor_port_taken` where the one that was asked for is. `not` is one that is to be left to another. */
export async function freePort(
  host: string,
  { requested, usual, flag }: PortWish,
  not?: number,
): Promise<number> {
  if (requested === 0) return (await tryPort(host, 0))!
  const port = requested ?? usual
  const found = port === not ? undefined : await tryPort(host, port)
  if (found !== undefined) return found
  if (requested !== undefined) throw monitorPortTaken(requested, flag)
  return (await tryPort(host, 0))!
}

function tryPort(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined)
      else reject(error)
    })
    server.listen({ host: host.replace(/[[\]]/g, ''), port, exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined))
    })
  })
}
