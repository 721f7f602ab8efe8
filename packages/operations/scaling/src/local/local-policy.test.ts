import { resolveSettings, serviceSettings } from '@hadal/config'
import { expect, it } from 'vitest'
import { localPolicy } from './local-policy.ts'

const values = {
  scaling: { autoscaler: 'hadal', scaleToZero: true, minReplicas: 0, maxReplicas: 100, gpuHighPercent: 80 },
  slo: { latencyMillis: '2s' },
}
const service = resolveSettings(serviceSettings, { file: { path: 'hadal.config.json', values } }).values
const plan = { least: 1, most: 4, threads: 1 }

it('is what the service says, within what the machine has', () => {
  expect(localPolicy(service, plan, { isPromised: true, startMillis: 700 })).toMatchObject({
    minReplicas: 1,
    maxReplicas: 4,
    scaleToZero: false,
    highPercent: 80,
    latencyMillis: 2000,
    startMillis: 700,
  })
})

it('does not scale on a default latency SLO', () => {
  expect(localPolicy(service, plan, { isPromised: false, startMillis: 700 }).latencyMillis).toBeUndefined()
})
