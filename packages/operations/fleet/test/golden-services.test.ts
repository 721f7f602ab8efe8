/** What is planned of the golden services is what stands in deployments.ts, which everything that renders is tested with. */

import { fileURLToPath } from 'node:url'
import { checkService, loadConfigFile, resolveSettings, type Service, serviceSettings } from '@hadal/config'
import { type Deployment, planDeployment } from '@hadal/fleet'
import { expect, it } from 'vitest'
import { gpuNode, laptop, vllm8gpu } from './deployments.ts'

async function planned(name: string): Promise<Deployment> {
  const folder = fileURLToPath(new URL(`../../../../tests/golden/deploy/${name}`, import.meta.url))
  const file = await loadConfigFile(folder)
  const { values: service, origins } = resolveSettings(serviceSettings, { file }, { check: checkService })
  const keys = Object.keys(serviceSettings) as (keyof Service)[]
  const said = new Set(keys.filter((key) => origins[key].source !== 'default'))
  return planDeployment({ service, said, version: '0.1.0', facts: { modelBytes: { nano: 6_273_824 } } })
}

const withoutReasons = ({ reasons: _, ...rest }: Deployment): object => ({
  ...rest,
  overlays: rest.overlays.map(({ name, deployment }) => ({ name, deployment: withoutReasons(deployment) })),
})

it.each([
  ['laptop', laptop],
  ['gpu-node', gpuNode],
  ['vllm-8gpu', vllm8gpu],
])('%s', async (name, byHand) => {
  const deployment = await planned(name)
  expect(withoutReasons(deployment)).toEqual(withoutReasons(byHand))
  for (const { what, why } of deployment.reasons) expect(`${what}: ${why}`).toMatch(/^\S.{5,}: \S.{2,}$/)
})
