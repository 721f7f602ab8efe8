/** The labels of a GPU's series, for cases of rules. */

import type { EnginePlan } from '../../deployment/deployment.ts'
import { engineTarget } from '../rule-case.ts'
import { namespaceLabel, type RuleView } from '../rule-view.ts'

/** Labels that the exporter sets on metrics for the GPU of an engine's pod. */
export function gpuLabels(view: RuleView, plan: EnginePlan, index = '0'): Readonly<Record<string, string>> {
  const { gpuPodLabel } = view.deployment.monitor
  const own = { gpu: index, hostname: 'node-1' }
  if (!view.inCluster || gpuPodLabel === '') return own
  const { namespace = '', pod = '' } = engineTarget(view, plan)
  return { ...own, [namespaceLabel(gpuPodLabel)]: namespace, [gpuPodLabel]: pod }
}
