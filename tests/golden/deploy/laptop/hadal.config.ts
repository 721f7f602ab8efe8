/** The bundled model on processors alone: a cluster on one machine, such as kind. */

import { defineService } from 'hadal'

export default defineService({
  model: 'nano',
  maxBatchSize: 4,
  threads: 2,
  slo: { latencyMillis: '2s' },
  deploy: {
    gpusPerReplica: 0,
    gatewayReplicas: 1,
    cpuRequest: '500m',
    memoryRequest: '512Mi',
    cpuLimit: '2',
    memoryLimit: '2Gi',
    coldStartMillis: '1s',
    longestRequestMillis: '1m',
    monitoring: 'annotations',
  },
})
