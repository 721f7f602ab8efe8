/** Binds a server to its address, and says what to do when that fails. */

import type { Server } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import { messageOf } from '@hadal/base'
import type { FastifyInstance } from 'fastify'
import { listenFailed, portInUse } from '../errors.ts'
import { isLoopback } from './client-address.ts'
import { keylessListen } from './http-errors.ts'

export interface Address {
  readonly host: string
  readonly port: number
  /** To be opened on this machine. */
  readonly url: string
}

/** Whether others than this machine can reach a host. */
export const reachesOthers = (host: string): boolean =>
  isIP(host) === 0 ? host.toLowerCase() !== 'localhost' : !isLoopback(host)

export interface KeysOfServer {
  /** Whether clients are asked for a key of any kind. */
  readonly asksForKeys: boolean
  /** Whoever started the server said that it need not. */
  readonly allowKeyless: boolean
}

/** Throws `keyless_listen` where others could use a server that asks nobody for a key. */
export function refuseKeyless(host: string, { asksForKeys, allowKeyless }: KeysOfServer): void {
  if (!asksForKeys && !allowKeyless && reachesOthers(host)) throw keylessListen(host, 'apiKeys')
}

/** The same of the address for administrators, who always need keys there. */
export function refuseKeylessAdmin(host: string, adminKeys: readonly string[]): void {
  if (adminKeys.length === 0 && reachesOthers(host)) throw keylessListen(host, 'adminKeys')
}

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
  return { host, port: bound, url: urlOf(app.server, host, bound) }
}

export function urlOf(server: Server, host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  const scheme = server instanceof TlsServer ? 'https' : 'http'
  return `${scheme}://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}
