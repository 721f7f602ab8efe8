/** Resolves base URLs from DNS: every address of a name, or every target of an SRV record. */

import { lookup, resolveSrv } from 'node:dns/promises'
import type { Discovery } from '../upstream.ts'

export interface Resolver {
  /** IPv4 and IPv6, by the system resolver: hosts file, search domains. */
  addresses(name: string): Promise<readonly string[]>
  services(name: string): Promise<readonly { readonly name: string; readonly port: number }[]>
}

export const systemResolver: Resolver = {
  addresses: async (name) => (await lookup(name, { all: true })).map(({ address }) => address),
  services: (name) => resolveSrv(name),
}

type DnsDiscovery = Exclude<Discovery, { readonly kubernetes: unknown }>

/** Sorted, without duplicates. */
export async function resolveUrls(discovery: DnsDiscovery, resolver: Resolver): Promise<string[]> {
  const hosts =
    'dns' in discovery
      ? (await resolver.addresses(discovery.dns)).map((name) => ({ name, port: discovery.port }))
      : await resolver.services(discovery.srv)
  return [...new Set(hosts.map(({ name, port }) => urlOf(discovery, name, port)))].sort()
}

export function urlOf({ scheme = 'http', path = '/v1' }: Discovery, host: string, port: number): string {
  const name = host.includes(':') ? `[${host}]` : host.replace(/\.$/, '')
  return `${scheme}://${name}:${port}${path}`.replace(/\/+$/, '')
}
