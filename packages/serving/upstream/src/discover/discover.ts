/** Keeps the list of replicas in sync with DNS or Kubernetes. If a query fails, the last known ones stay. */

import type { Clock, Logger } from '@hadal/base'
import type { Discovery } from '../upstream.ts'
import { type Resolver, resolveUrls, systemResolver } from './resolve-urls.ts'
import { type KubernetesAccess, watchEndpoints } from './watch-endpoints.ts'

export interface DiscoverySeams {
  readonly resolver?: Resolver
  /** The pod's service account by default. */
  readonly kubernetes?: KubernetesAccess
}

export interface DiscoverContext {
  readonly id: string
  readonly clock: Clock
  readonly logger: Logger
  readonly seams: DiscoverySeams
  readonly signal: AbortSignal
  /** `pending`: number of replicas that are not ready, as far as known. */
  readonly found: (urls: readonly string[], pending: number) => void
}

const usualIntervalMillis = 5000
const afterFailureMillis = 1000

/** Ends when the signal aborts. */
export async function discover(discovery: Discovery, context: DiscoverContext): Promise<void> {
  const { id, clock, logger, seams, signal, found } = context
  let lastFailure: string | undefined
  const failed = (why: string): void => {
    if (why !== lastFailure)
      logger.warn('replicas cannot be looked up; those known stay', { upstream: id, why })
    lastFailure = why
  }
  const foundAll = (urls: readonly string[], pending = 0): void => {
    lastFailure = undefined
    found(urls, pending)
  }
  const resolver = seams.resolver ?? systemResolver
  while (!signal.aborted) {
    let pause = afterFailureMillis
    try {
      if ('kubernetes' in discovery)
        await watchEndpoints(discovery, { access: seams.kubernetes, signal, found: foundAll })
      else {
        const urls = await resolveUrls(discovery, resolver)
        if (urls.length > 0) foundAll(urls)
        else failed('no address was found')
        pause = discovery.intervalMillis ?? usualIntervalMillis
      }
    } catch (thrown) {
      if (!signal.aborted) failed(thrown instanceof Error ? thrown.message : String(thrown))
    }
    await clock.sleep(pause, signal).catch(() => {})
  }
}
