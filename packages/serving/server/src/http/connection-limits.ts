/**
 * Bounds what connections cost: so many from one address, idle ones make way when there are too many, and one whose
 * reader takes nothing is given up. Knows nothing of requests but whether one is being answered.
 */

import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { isIPv6 } from 'node:net'
import { type AddressTest, plainAddress } from './client-address.ts'

export interface ConnectionLimitOptions {
  /** Asked for at each connection. */
  readonly perAddress: () => number
  /** Addresses that many share, such as those of proxies. */
  readonly isExempt: AddressTest
  /** How long a reader may take nothing of what there is for it. */
  readonly stallMillis: number
  /** Whether something is still to be written there. */
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
    // Those between two requests make way for whoever comes next.
    server.closeIdleConnections()
  })
  // Node puts this off as long as anything of what is to be written leaves.
  server.setTimeout(options.stallMillis, (socket) => {
    if (socket.writableLength === 0 && options.isAnswering(socket)) socket.setTimeout(options.stallMillis)
    else socket.destroy()
  })
}

/** An address of IPv6 stands for the 2^64 that whoever has one of them has. */
export function neighbourhood(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':')
    // An IPv4 address at the end stands for two groups.
    const length = groups.length + after.length + (tail.includes('.') ? 1 : 0)
    groups.push(...Array<string>(8 - length).fill('0'), ...after)
  }
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
