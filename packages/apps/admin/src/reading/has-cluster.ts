/** Detects access to a cluster. */

import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Terminal } from '@hadal/output'

/** True if there is a kubeconfig or this is a pod. Does not read it. */
export function hasCluster({ env }: Pick<Terminal, 'env'>): boolean {
  if (env.KUBERNETES_SERVICE_HOST !== undefined) return true
  if (env.KUBECONFIG)
    return env.KUBECONFIG.split(process.platform === 'win32' ? ';' : ':').some(
      (file) => file !== '' && existsSync(file),
    )
  return existsSync(join(env.HOME ?? homedir(), '.kube', 'config'))
}
