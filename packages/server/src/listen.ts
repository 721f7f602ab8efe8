/** Binds a server to its address, and says what to do when that fails. */

import type { AddressInfo } from 'node:net'
import { messageOf } from '@hadal/base'
import type { FastifyInstance } from 'fastify'
import { listenFailed, portInUse } from './errors.ts'

export interface Address {
  readonly host: string
  readonly port: number
  /** To be opened on this machine. */
  readonly url: string
}

/** Whether others than this machine can reach a host. */
export const reachesOthers = (host: string): boolean => !/^(127\.|localhost$|::1$)/.test(host)

export async function listen(app: FastifyInstance, host: string, port: number): Promise<Address> {
  try {
    await app.listen({ host, port })
  } catch (thrown) {
    const inUse = (thrown as NodeJS.ErrnoException).code === 'EADDRINUSE'
    throw (inUse ? portInUse(port, host) : listenFailed(port, host, messageOf(thrown))).with({
      cause: thrown,
    })
  }
  const bound = (app.server.address() as AddressInfo).port
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return {
    host,
    port: bound,
    url: `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${bound}`,
  }
}
