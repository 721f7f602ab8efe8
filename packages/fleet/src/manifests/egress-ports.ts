/** The ports that a service's config names of others: its upstreams and its collector of traces. Knows nothing of Kubernetes' objects. */

import type { Config } from './config-map.ts'

interface Upstream {
  readonly replicas?: readonly string[]
  readonly discover?: { readonly port?: number; readonly srv?: string; readonly kubernetes?: unknown }
}

/** Each once. Names of SRV records and Services say no port, so they add none; engines of our own are let through as pods. */
export function portsOfConfig({ models, otlpEndpoint }: Config): readonly number[] {
  const ports = new Set<number>()
  const add = (port: number | undefined): void => {
    if (port !== undefined) ports.add(port)
  }
  if (typeof otlpEndpoint === 'string') add(portOf(otlpEndpoint))
  if (Array.isArray(models))
    for (const { upstream } of models as { upstream?: Upstream }[]) {
      for (const url of upstream?.replicas ?? []) add(portOf(url))
      add(upstream?.discover?.port)
    }
  return [...ports]
}

/** Undefined of what is no URL. */
function portOf(text: string): number | undefined {
  if (!URL.canParse(text)) return undefined
  const { port, protocol } = new URL(text)
  if (port !== '') return Number(port)
  return protocol === 'http:' ? 80 : 443
}
