/** The bundled model on processors alone, small enough for a laptop. */

import { defineService } from 'hadal'

export default defineService({
  model: 'nano',
  maxBatchSize: 4,
  threads: 2,
  slo: { latencyMillis: '2s' },
  deploy: {
    gpusPerReplica: 0,
    gatewayReplicas: 1,
    cpuRequest: '250m',
    memoryRequest: '512Mi',
    cpuLimit: '2',
    memoryLimit: '2Gi',
    longestRequestMillis: '1m',
    monitoring: 'annotations',
  },
})
