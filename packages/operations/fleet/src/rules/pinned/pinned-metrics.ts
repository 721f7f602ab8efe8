/** All lists of third-party metrics. */

import { dcgmMetrics } from './dcgm.ts'
import type { PinnedMetrics } from './known-metric.ts'
import { kubeStateMetrics } from './kube-state.ts'
import { sglangMetrics } from './sglang.ts'
import { vllmMetrics } from './vllm.ts'

/** @internal */
export const pinnedMetrics: readonly PinnedMetrics[] = [
  dcgmMetrics,
  vllmMetrics,
  sglangMetrics,
  kubeStateMetrics,
]
