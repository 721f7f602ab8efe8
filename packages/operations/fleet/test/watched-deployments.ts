/** Deployments that differ in what is watched of them, by name. */

import type { Deployment, EnginePlan } from '@hadal/fleet'
import { gpuNode, laptop, vllm8gpu } from './deployments.ts'

const [engine] = gpuNode.engines as [EnginePlan]
/** Several engines of all kinds, one of them over several nodes, and scaled to none; with a database of keys. */
export const mixed: Deployment = {
  ...vllm8gpu,
  engines: [
    { ...engine, name: 'deepseek-engine-a', modelId: 'a', isScaled: true },
    { ...engine, name: 'deepseek-engine-a-b', modelId: 'a-b', kind: 'sglang' },
    { ...engine, name: 'deepseek-engine-c', modelId: 'c', kind: 'vllm', nodes: 2, gpus: 16, gpusPerNode: 8 },
  ],
  scaling: { ...vllm8gpu.scaling, scaleToZero: true, minReplicas: 0 },
  gateway: {
    ...vllm8gpu.gateway,
    config: { ...vllm8gpu.gateway.config, guard: 'off' },
    secrets: [{ variable: 'HADAL_DATABASE', key: 'database', optional: false }],
  },
}
/** No cluster: a Prometheus that watches one server. */
export const local: Deployment = { ...gpuNode, monitoring: { ...gpuNode.monitoring, how: 'none' } }
/** With the scaler that says itself how it is. */
const ownScaler: Deployment = {
  ...laptop,
  engines: laptop.engines.map((each) => ({ ...each, isScaled: true })),
  scaling: { ...laptop.scaling, autoscaler: 'hadal' },
}
export const deployments: Readonly<Record<string, Deployment>> = {
  laptop,
  gpuNode,
  vllm8gpu,
  mixed,
  local,
  ownScaler,
}
