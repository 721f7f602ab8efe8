/** A client for the cluster that flags mean. */

import { parseMillis } from '@hadal/base'
import type { Terminal } from '@hadal/output'
import { type KubeClient, kubeClient } from './kube-client.ts'
import { connect } from './kube-connection.ts'
import type { ClusterFlags } from './wanted-manifests.ts'

const usualTimeout = '15s'

/** Throws `cluster_config_invalid` and `invalid_unit`. */
export async function openCluster(
  flags: ClusterFlags,
  terminal: Terminal,
  signal?: AbortSignal,
): Promise<KubeClient> {
  const timeoutMillis = parseMillis(flags.requestTimeout ?? usualTimeout)
  return kubeClient(await connect(flags, terminal), { timeoutMillis, signal })
}
