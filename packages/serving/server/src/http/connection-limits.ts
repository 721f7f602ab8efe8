/**
 * Connection limits: a maximum per address; when there are too many, those that have waited longest for a request are closed; stalled
 * readers are dropped.
 */

import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { isIPv6 } from 'node:net'
import { type AddressTest, plainAddress } from './client-address.ts'

export interface ConnectionLimitOptions {
  /** Connections with a request; `reservedConnections` more may be open. */
  readonly max: number
  /** Read on every connection. */
  readonly perAddress: () => number
  /** Shared addresses, such as those of proxies. */
  readonly isExempt: AddressTest
  /** Maximum time a reader may take no data while some is pending. */
  readonly stallMillis: number
  readonly onDrop: () => void
}

/** Open beyond the limit, for requests that must be answered when everything is in use: health, readiness, metrics, administration. */
export const reservedConnections = 64

/** The connections of all listeners of a server. */
export class ConnectionLimits {
  readonly #options: ConnectionLimitOptions
  readonly #perAddress = new Map<string, number>()
  /** Without a complete request, by `peerOf`; those that have waited longest come first. */
  readonly #waiting = new Map<string, Socket>()
  readonly #open = new Set<string>()
  readonly #pending = new WeakMap<Socket, Set<ServerResponse>>()
  /** Responses to complete requests, per connection. */
  readonly #serving = new Map<Socket, Set<ServerResponse>>()

  constructor(options: ConnectionLimitOptions) {
    this.#options = options
  }

  protect(server: Server): void {
    const { stallMillis } = this.#options
    server.on('connection', (socket: Socket) => this.#accept(socket))
    // Node resets this timer whenever any data is flushed.
    server.setTimeout(stallMillis, (socket) => {
      if (socket.writableLength === 0 && this.#isAnswering(socket)) socket.setTimeout(stallMillis)
      else socket.destroy()
    })
  }

  /** The head of a request has arrived. `end` must be called when its response is closed. */
  begin(response: ServerResponse, socket: Socket): void {
    const known = this.#pending.get(socket)
    const pending = known ?? new Set()
    pending.add(response)
    if (known === undefined) {
      this.#pending.set(socket, pending)
      // Node emits 'close' only on the first of several pipelined responses.
      socket.once('close', () => {
        for (const unsent of pending) {
          if (unsent.closed || unsent.socket !== null) continue
          unsent.destroy()
          unsent.emit('close')
        }
      })
    }
  }

  /** A request is complete, and its work begins. False: all connections are in use, and this one is reserved. */
  serve(response: ServerResponse, socket: Socket): boolean {
    if (response.closed) return true
    const peer = peerOf(socket)
    this.#waiting.delete(peer)
    const served = this.#serving.get(socket) ?? new Set()
    this.#serving.set(socket, served.add(response))
    return this.#serving.size <= this.#options.max
  }

  /** The response is closed. */
  end(response: ServerResponse, socket: Socket): void {
    this.#pending.get(socket)?.delete(response)
    const served = this.#serving.get(socket)
    if (!served?.delete(response) || served.size > 0) return
    this.#serving.delete(socket)
    const peer = peerOf(socket)
    if (this.#open.has(peer)) this.#waiting.set(peer, socket)
  }

  #isAnswering(socket: Socket): boolean {
    return (this.#pending.get(socket)?.size ?? 0) > 0
  }

  #accept(socket: Socket): void {
    // The client has closed it already.
    if (socket.remoteAddress === undefined) return void socket.destroy()
    const peer = peerOf(socket)
    const leave = this.#countAddress(socket)
    if (
      leave === undefined ||
      (this.#open.size >= this.#options.max + reservedConnections && !this.#makeRoom())
    ) {
      leave?.()
      this.#options.onDrop()
      socket.destroy()
      return
    }
    this.#open.add(peer)
    this.#waiting.set(peer, socket)
    socket.once('close', () => {
      this.#open.delete(peer)
      this.#waiting.delete(peer)
      leave()
    })
  }

  /** Closes the connection that has waited longest for a request. */
  #makeRoom(): boolean {
    for (const [peer, socket] of this.#waiting) {
      this.#waiting.delete(peer)
      this.#open.delete(peer)
      this.#options.onDrop()
      socket.destroy()
      return true
    }
    return false
  }

  /** Undefined if the address has too many connections; otherwise what to call when this one closes. */
  #countAddress(socket: Socket): (() => void) | undefined {
    const { isExempt, perAddress } = this.#options
    const address = plainAddress(socket.remoteAddress ?? '')
    if (address === undefined || isExempt(address)) return () => {}
    const neighbours = neighbourhood(address)
    const count = this.#perAddress.get(neighbours) ?? 0
    if (count >= perAddress()) return undefined
    this.#perAddress.set(neighbours, count + 1)
    return () => {
      const left = this.#perAddress.get(neighbours)! - 1
      if (left > 0) this.#perAddress.set(neighbours, left)
      else this.#perAddress.delete(neighbours)
    }
  }
}

/** The same for a TLS connection and the TCP connection below it. */
const peerOf = ({ remoteAddress, remotePort, localPort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localPort}`

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
