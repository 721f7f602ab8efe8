import { localDeployment, missingMetrics } from '@hadal/fleet'
import { metrics } from '@hadal/protocol'
import { expect, it } from 'vitest'
import { gpuNode, laptop, vllm8gpu } from './deployments.ts'

const services = { laptop, gpuNode, vllm8gpu }
const local = localDeployment(laptop, { folder: '/state', hasGpus: true })

it.each(Object.entries({ ...services, local }))(
  'rules and dashboards of %s query only exported metrics',
  (_, deployment) => {
    expect(missingMetrics(deployment)).toEqual([])
  },
)

it('says what a server does not have, whatever else is known of', () => {
  const all = Object.values(metrics).map(({ name, kind }) => `# TYPE ${name} ${kind}`)
  expect(missingMetrics(local, all.join('\n'))).toEqual([])
  const less = all.filter((line) => !line.includes(` ${metrics.requestsWaiting.name} `))
  const missing = missingMetrics(local, less.join('\n'))
  expect(missing.length).toBeGreaterThan(0)
  expect(new Set(missing.map(({ name }) => name))).toEqual(new Set([metrics.requestsWaiting.name]))
})
