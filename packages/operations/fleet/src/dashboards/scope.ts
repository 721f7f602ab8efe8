/**
 * The series a dashboard queries: one service's in a cluster, or all in Prometheus. Gateways and embedded engines export the same
 * names, so every query needs a selector.
 */

import type { Deployment } from '../deployment/deployment.ts'

export interface Scope {
  readonly title: string
  readonly isCluster: boolean
  /** Label matchers: `namespace="hadal", pod=~"hadal-gateway-.*"`, or empty. */
  readonly gateways: string
  readonly engines: string
  readonly both: string
}

/** A service monitored outside a cluster has series without a namespace. */
export function scopeOf({ name, namespace, monitoring, gateway, engines }: Deployment): Scope {
  if (monitoring.how === 'none') return { title: name, isCluster: false, gateways: '', engines: '', both: '' }
  const ofPods = (names: readonly string[]): string =>
    `namespace="${namespace}", pod=~"(${names.join('|')})-.*"`
  const engineNames = engines.map((engine) => engine.name)
  const gateways = ofPods([gateway.name])
  return {
    title: name,
    isCluster: true,
    gateways,
    // Where all models are elsewhere, the gateway alone knows of them.
    engines: engines.length > 0 ? ofPods(engineNames) : gateways,
    both: ofPods([gateway.name, ...engineNames]),
  }
}
