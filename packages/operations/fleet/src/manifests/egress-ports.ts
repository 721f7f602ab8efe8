/** Egress ports required by a service's config: upstreams and a trace collector. */

import type { Config } from './config-map.ts'

interface Upstream {
  readonly replicas?: readonly string[]
  readonly discover?: {
    readonly port?: number
    readonly srv?: string
    readonly kubernetes?: { readonly service: string }
  }
}

/** Each once. Names of SRV records and of Services say none. */
export function portsOfConfig({ models, otlpEndpoint }: Config): readonly number[] {
  const ports = new Set<number>()
  const add = (port: number | undefined): void => {
    if (port !== undefined) ports.add(port)
  }
  if (typeof otlpEndpoint === 'string') add(portOf(otlpEndpoint))
  for (const { replicas = [], discover } of upstreamsOf(models)) {
    for (const url of replicas) add(portOf(url))
    add(discover?.port)
  }
  return [...ports]
}

/** Whether some are found by the endpoints of Services other than those of `own`. */
export function findsServices({ models }: Config, own: readonly string[]): boolean {
  return upstreamsOf(models).some(
    ({ discover }) => discover?.kubernetes !== undefined && !own.includes(discover.kubernetes.service),
  )
}

export function findsBySrv({ models }: Config): boolean {
  return upstreamsOf(models).some(({ discover }) => discover?.srv !== undefined)
}

/** Ports of URLs in the arguments of a command. */
export function portsOfUrls(words: readonly string[]): readonly number[] {
  const urls = words.flatMap((word) => word.match(/https?:\/\/[^\s']+/gi) ?? [])
  return urls.flatMap((url) => portOf(url) ?? [])
}

const upstreamsOf = (models: unknown): readonly Upstream[] =>
  Array.isArray(models) ? (models as { upstream?: Upstream }[]).flatMap(({ upstream }) => upstream ?? []) : []

/** Undefined if not a URL. */
function portOf(text: string): number | undefined {
  if (!URL.canParse(text)) return undefined
  const { port, protocol } = new URL(text)
  if (port !== '') return Number(port)
  return protocol === 'http:' ? 80 : 443
}
