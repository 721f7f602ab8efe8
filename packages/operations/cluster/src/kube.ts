/**
 * Single requests to an API server, without retries: autoscaling sends a new request at its next poll instead of retrying an old
 * one for a minute.
 */

import type { KubeConnection } from './kube-connection.ts'
import { askKubeOnce, type KubeRequest, refusalOf } from './kube-request.ts'

export interface Kube {
  readonly connection: KubeConnection
  /** Throws what `askKubeOnce` throws. */
  ask(request: KubeRequest, signal: AbortSignal): Promise<{ readonly code: number; readonly body: unknown }>
}

export function kubeOf(connection: KubeConnection, timeoutMillis: number): Kube {
  return {
    connection,
    ask: (request, signal) => askKubeOnce(connection, request, { timeoutMillis, signal }),
  }
}

/**
 * Errors of failed responses: `cluster_forbidden`, `cluster_unauthorized`, `cluster_refused`, `cluster_busy`.
 */
export const kubeRefusal = ({ connection }: Kube, request: KubeRequest, code: number, body: unknown): Error =>
  refusalOf(connection, request, code, body)
