/**
 * The namespace. Every pod rendered here satisfies Kubernetes' strictest standard, `restricted`, so the namespace enforces it. It
 * validates pod specs, not images: those of vLLM and SGLang start as root by default, which their pods override.
 */

import type { Deployment } from '../deployment/deployment.ts'
import type { Manifest } from '../manifest.ts'
import { labelsOf } from './labels.ts'

/** None for namespaces that every cluster has: others live there, whom the label would stop. */
export function namespaceOf(deployment: Deployment): readonly Manifest[] {
  const { namespace } = deployment
  if (namespace === 'default' || namespace.startsWith('kube-')) return []
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: namespace,
        labels: {
          ...labelsOf(deployment),
          'pod-security.kubernetes.io/enforce': 'restricted',
          'pod-security.kubernetes.io/warn': 'restricted',
        },
      },
    },
  ]
}
