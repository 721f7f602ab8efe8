/**
 * Service accounts and permissions. Gateways list and watch engine endpoints if their config requires it; engines have no
 * permissions and no token.
 */

import type { Deployment } from '../deployment/deployment.ts'
import type { Manifest } from '../manifest.ts'
import { labelsOf, selectorOf } from './labels.ts'

/** Whether a model of the gateway is found by asking Kubernetes. */
export function asksKubernetes({ gateway }: Deployment): boolean {
  const { models } = gateway.config
  return Array.isArray(models) && models.some((model) => model?.upstream?.discover?.kubernetes !== undefined)
}

export function gatewayAccess(deployment: Deployment): readonly Manifest[] {
  const { gateway, namespace } = deployment
  const metadata = {
    name: gateway.name,
    namespace,
    labels: labelsOf(deployment, selectorOf(deployment, 'gateway')),
  }
  const asks = asksKubernetes(deployment)
  const account: Manifest = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata,
    automountServiceAccountToken: asks,
  }
  if (!asks) return [account]
  const group = 'rbac.authorization.k8s.io'
  return [
    account,
    {
      apiVersion: `${group}/v1`,
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] }],
    },
    {
      apiVersion: `${group}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: group, kind: 'Role', name: gateway.name },
      subjects: [{ kind: 'ServiceAccount', name: gateway.name, namespace }],
    },
  ]
}

/** One account for all engines: none of them may do anything. */
export const engineAccountName = ({ name }: Pick<Deployment, 'name'>): string => `${name}-engine`

export function engineAccess(deployment: Deployment): readonly Manifest[] {
  if (deployment.engines.length === 0) return []
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {
        name: engineAccountName(deployment),
        namespace: deployment.namespace,
        labels: labelsOf(deployment, selectorOf(deployment, 'engine')),
      },
      automountServiceAccountToken: false,
    },
  ]
}
