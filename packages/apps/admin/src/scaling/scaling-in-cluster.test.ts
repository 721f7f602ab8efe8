/** A scaler's Lease in a fake cluster. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { memoryAnnotation } from '@hadal/scaling'
import { expect, it } from 'vitest'
import { fakeCluster } from '../../../cli/test/fake-cluster.ts'
import { scalingInCluster } from './scaling-in-cluster.ts'

it('reports the leader and its decisions, and no leader when there is no Lease', async () => {
  await using cluster = await fakeCluster()
  writeFileSync(
    join(cluster.folder, 'hadal.config.json'),
    JSON.stringify({ model: 'nano', slo: { latencyMillis: 900 }, scaling: { autoscaler: 'hadal' } }),
  )
  await expect(scalingInCluster({}, cluster.terminal)).rejects.toMatchObject({ code: 'scale_unknown' })
  const decision = { at: 5, action: 'up', from: 1, to: 2, reason: 'busy', text: '1 to 2', signals: [] }
  const model = { model: 'nano', target: 'Deployment', minReplicas: 1, maxReplicas: 4, decisions: [decision] }
  cluster.fake.store.put({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name: 'hadal-scaler',
      namespace: 'hadal',
      annotations: { [memoryAnnotation]: JSON.stringify({ version: 1, states: {}, models: [model] }) },
    },
    spec: { holderIdentity: 'pod-1', renewTime: new Date().toISOString(), leaseDurationSeconds: 15 },
  } as never)
  expect(await scalingInCluster({}, cluster.terminal)).toMatchObject({
    source: 'cluster',
    sloMillis: 900,
    status: { leader: 'pod-1', models: [{ model: 'nano', decisions: [decision] }] },
  })
})
