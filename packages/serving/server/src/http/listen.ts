/** Binds a server to its address and reports actionable errors. */

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
  /** The URL to open on this machine. */
  readonly url: string
}

/** True if other machines can reach the host. */
export const reachesOthers = (host: string): boolean =>
  isIP(host) === 0 ? host.toLowerCase() !== 'localhost' : !isLoopback(host)

export interface KeysOfServer {
  /** True if any kind of key is required. */
  readonly asksForKeys: boolean
  /** The operator explicitly allowed serving without keys. */
  readonly allowKeyless: boolean
}

/** Throws `keyless_listen` if other machines could use a server without keys. */
export function refuseKeyless(host: string, { asksForKeys, allowKeyless }: KeysOfServer): void {
  if (!asksForKeys && !allowKeyless && reachesOthers(host)) throw keylessListen(host, 'apiKeys')
}

/** The same for the admin address, where keys are always required. */
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
