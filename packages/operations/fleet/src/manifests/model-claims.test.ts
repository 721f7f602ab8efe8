import { describe, expect, it } from 'vitest'
import { laptop } from '../../test/deployments.ts'
import type { Deployment, EnginePlan } from '../deployment/deployment.ts'
import { engineDeployment } from './engine-deployment.ts'
import { modelClaims } from './model-claims.ts'

// biome-ignore lint/suspicious/noExplicitAny: fields of objects are looked into.
type Any = any

function withEngines(...engines: readonly Partial<EnginePlan>[]): Deployment {
  const [engine] = laptop.engines
  const model = {
    ...engine!.model,
    storage: 'claim' as const,
    claim: 'weights',
    makesClaim: true,
    bytes: 2 ** 32,
  }
  return { ...laptop, engines: engines.map((each) => ({ ...engine!, model, ...each })) }
}
const claimsOf = (deployment: Deployment): Any[] => modelClaims(deployment).map(({ spec }) => spec as Any)
const strategyOf = (deployment: Deployment): Any =>
  (engineDeployment(deployment, deployment.engines[0]!) as Any).spec.strategy.rollingUpdate

describe('modelClaims', () => {
  it('asks for a volume of one node where one pod has it, and replaces that pod in place', () => {
    const deployment = withEngines({})
    expect(claimsOf(deployment)).toEqual([
      { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '7Gi' } } },
    ])
    expect(strategyOf(deployment)).toEqual({ maxSurge: 0, maxUnavailable: 1 })
  })

  it('asks for a shared one where several pods have it, once however many engines', () => {
    const deployment = withEngines({}, { name: 'hadal-engine-2' })
    expect(claimsOf(deployment)).toEqual([
      { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '13Gi' } } },
    ])
    expect(strategyOf(deployment)).toEqual({ maxSurge: 1, maxUnavailable: 0 })
  })

  it('counts as many pods as an autoscaler may make', () => {
    expect(claimsOf(withEngines({ isScaled: true }))[0].accessModes).toEqual(['ReadWriteMany'])
  })

  it('makes none where one is there', () => {
    expect(modelClaims(laptop)).toEqual([])
  })
})
