/** Connection limits: a maximum per address, eviction of idle connections when there are too many, and stalled readers are dropped. */

import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { isIPv6 } from 'node:net'
import { type AddressTest, plainAddress } from './client-address.ts'

export interface ConnectionLimitOptions {
  /** Read on every connection. */
  readonly perAddress: () => number
  /** Shared addresses, such as those of proxies. */
  readonly isExempt: AddressTest
  /** Maximum time a reader may take no data while some is pending. */
  readonly stallMillis: number
  /** Whether a response is pending on the socket. */
  readonly isAnswering: (socket: Socket) => boolean
  readonly onDrop: () => void
}

export function limitConnections(server: Server, options: ConnectionLimitOptions): void {
  const counts = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? '')
    if (address === undefined || options.isExempt(address)) return
    const neighbours = neighbourhood(address)
    const count = counts.get(neighbours) ?? 0
    if (count >= options.perAddress()) {
      options.onDrop()
      socket.destroy()
      return
    }
    counts.set(neighbours, count + 1)
    socket.once('close', () => {
      const left = counts.get(neighbours)! - 1
      if (left > 0) counts.set(neighbours, left)
      else counts.delete(neighbours)
    })
  })
  server.on('drop', () => {
    options.onDrop()
    // Closes keep-alive connections between requests to free capacity.
    server.closeIdleConnections()
  })
  // Node resets this timer whenever any data is flushed.
  server.setTimeout(options.stallMillis, (socket) => {
    if (socket.writableLength === 0 && options.isAnswering(socket)) socket.setTimeout(options.stallMillis)
    else socket.destroy()
  })
}

/** An IPv6 address counts as its /64 prefix, because one client controls all of it. */
export function neighbourhood(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':')
    // A trailing IPv4 address counts as two groups.
    const length = groups.length + after.length + (tail.includes('.') ? 1 : 0)
    groups.push(...Array<string>(8 - length).fill('0'), ...after)
  }
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
