/** DeepSeek-V3 in vLLM on nodes of eight GPUs, as many as KEDA says, and DeepSeek's own API where they cannot answer. */

import { defineService } from 'hadal'

export default defineService({
  models: [
    {
      id: 'deepseek-v3',
      model: 'hf:deepseek-ai/DeepSeek-V3',
      contextLength: 32_768,
      fallbacks: ['deepseek-api'],
    },
    {
      id: 'deepseek-api',
      upstream: {
        replicas: ['https://api.deepseek.com'],
        model: 'deepseek-chat',
        apiKeyEnv: 'DEEPSEEK_API_KEY',
        healthPath: null,
      },
    },
  ],
  slo: { latencyMillis: '30s', ttftMillis: '2s', maxBacklog: 20 },
  scaling: { autoscaler: 'keda', minReplicas: 1, maxReplicas: 4, backlogPerReplica: 8 },
  deploy: {
    name: 'deepseek',
    namespace: 'models',
    engine: 'vllm',
    gpuLabel: 'nvidia.com/gpu.product',
    gpuLabelValues: ['NVIDIA-H200'],
    cpuRequest: '32',
    memoryRequest: '256Gi',
    cpuLimit: '64',
    memoryLimit: '512Gi',
    // Each pod downloads for itself; `modelClaim` names a volume that keeps the weights.
    coldStartMillis: '8m',
    gatewayReplicas: 3,
    monitoringLabels: { release: 'kube-prometheus-stack' },
    overlays: {
      staging: {
        namespace: 'models-staging',
        gatewayReplicas: 1,
        autoscaler: 'none',
        replicas: 1,
      },
    },
  },
})
