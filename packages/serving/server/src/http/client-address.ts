/** The client's address: the connection's peer or, behind a trusted proxy, what the proxy reports. */

import type { IncomingHttpHeaders } from 'node:http'
import { BlockList, isIP, isIPv4 } from 'node:net'

export interface ClientOrigin {
  /** Empty if unknown. */
  readonly address: string
  /** Protocol between client and proxy; undefined: that of this connection. */
  readonly protocol?: 'http' | 'https'
  /** The `Host` the client sent to the proxy; undefined: the one received here. */
  readonly host?: string
  /** A direct connection from this machine, without a proxy. */
  readonly isLocal: boolean
}

export type AddressTest = (address: string) => boolean

const named: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', 'fc00::/7', 'fe80::/10'],
}

/** `ranges` are addresses, networks such as `10.0.0.0/8`, and the names above. Invalid entries match nothing. */
export function addressTest(ranges: readonly string[]): AddressTest {
  const list = new BlockList()
  for (const range of ranges.flatMap((each) => named[each] ?? [each])) {
    const [address = '', bits] = range.split('/')
    const version = isIP(address)
    if (version === 0) continue
    const family = version === 4 ? 'ipv4' : 'ipv6'
    if (bits === undefined) list.addAddress(address, family)
    else if (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
      list.addSubnet(address, Number(bits), family)
  }
  return (address) => {
    const plain = plainAddress(address)
    const version = plain === undefined ? 0 : isIP(plain)
    return version !== 0 && list.check(plain!, version === 4 ? 'ipv4' : 'ipv6')
  }
}

const isLoopbackInFull = addressTest(['loopback'])

export const isLoopback: AddressTest = (address) => {
  const plain = plainAddress(address)
  if (plain === undefined) return false
  return plain === '::1' || (plain.includes(':') ? isLoopbackInFull(plain) : plain.startsWith('127.'))
}

/** Strips the zone and unmaps IPv4-mapped IPv6 addresses; undefined for non-addresses. */
export function plainAddress(text: string): string | undefined {
  const [address = ''] = text.split('%', 1)
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined && isIPv4(mapped)) return mapped
  return isIP(address) === 0 ? undefined : address
}

/** Canonical network of an address: for IPv6 its /64 prefix, because a client usually owns a whole /64. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address
  const [before = [], after = []] = address
    .split('::')
    .map((groups) => groups.split(':').filter((group) => group !== ''))
  const left = Math.max(0, 8 - before.length - after.length)
  const groups = [...before, ...Array<string>(left).fill('0'), ...after].slice(0, 4)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}

/** Headers that proxies add. */
const signsOfProxies = ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip'] as const
const maxHops = 32

export function clientOrigin(
  socketAddress: string | undefined,
  headers: IncomingHttpHeaders,
  isTrusted: AddressTest,
): ClientOrigin {
  const nearest = plainAddress(socketAddress ?? '') ?? ''
  const cameByProxy = signsOfProxies.some((name) => headers[name] !== undefined)
  if (nearest === '' || !isTrusted(nearest))
    return { address: nearest, isLocal: !cameByProxy && isLoopback(nearest) }
  const address = farthest(nearest, listOf(headers['x-forwarded-for']), isTrusted)
  const protocol = listOf(headers['x-forwarded-proto']).at(-1)?.toLowerCase()
  const host = listOf(headers['x-forwarded-host']).at(-1)
  return {
    address,
    ...((protocol === 'http' || protocol === 'https') && { protocol }),
    ...(host !== undefined && host !== '' && { host }),
    isLocal: false,
  }
}

/** Follows hops from the nearest while the reporting proxy is trusted. */
function farthest(nearest: string, hops: readonly string[], isTrusted: AddressTest): string {
  let address = nearest
  for (const hop of hops.slice(-maxHops).reverse()) {
    if (!isTrusted(address)) break
    const next = hopAddress(hop)
    if (next === undefined) break
    address = next
  }
  return address
}

/** Some proxies append a port. */
function hopAddress(hop: string): string | undefined {
  const bare = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(hop)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/.exec(hop)?.[1]
  return plainAddress(bare ?? hop)
}

/** Node joins repeated headers, except some that it returns as an array. */
function listOf(header: string | string[] | undefined): readonly string[] {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '')
  return text === '' ? [] : text.split(',').map((item) => item.trim())
}
