/** One node with a GPU: llama.cpp in the image of Hadal, weights from the hub before it starts. */

import { defineService } from 'hadal'

export default defineService({
  model: 'hf:Qwen/Qwen3-8B-GGUF:Q4_K_M',
  modelId: 'qwen3-8b',
  contextLength: 8192,
  guard: 'strict',
  deploy: {
    gpusPerNode: 1,
    gpuLabel: 'accelerator',
    gpuLabelValues: ['nvidia-tesla-t4'],
    longestRequestMillis: '5m',
    monitoringLabels: { release: 'prometheus' },
    host: 'chat.example.com',
    overlays: {
      staging: { namespace: 'hadal-staging', gatewayReplicas: 1, host: 'staging.chat.example.com' },
    },
  },
})
