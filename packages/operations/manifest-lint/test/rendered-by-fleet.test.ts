/** What `@hadal/fleet` renders is nothing for the linter, and what it asks Prometheus is PromQL. */

import {
  allRunbooks,
  type Deployment,
  dashboardsOf,
  type ExtrasOf,
  manifestsOf,
  observationQueries,
  renderKubernetes,
  rulesOf,
  toYaml,
} from '@hadal/fleet'
import { checkPromql, lintManifests } from '@hadal/manifest-lint'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../kernel/base/test/slow-tests.ts'
import { gpuNode, laptop, vllm8gpu } from '../../fleet/test/deployments.ts'
import { drawnDeployment } from '../../fleet/test/drawn-deployments.ts'
import { planned, service } from '../../fleet/test/drawn-services.ts'
import { render, request } from '../../fleet/test/drawn-training.ts'
import { deployments } from '../../fleet/test/watched-deployments.ts'

const golden: readonly (readonly [string, Deployment])[] = [
  ['laptop', laptop],
  ['gpu-node', gpuNode],
  ['vllm-8gpu', vllm8gpu],
]
const extrasOf: ExtrasOf = (deployment) => ({
  rules: rulesOf(deployment),
  dashboards: dashboardsOf(deployment),
})
const scaled = (deployment: Deployment, engine: object = {}, scaling: object = {}): Deployment => ({
  ...deployment,
  scaling: { ...deployment.scaling, ...scaling },
  engines: deployment.engines.map((each) => ({ ...each, isScaled: true, ...engine })),
})

describe('manifests', () => {
  it.each(golden)('of %s are nothing for the linter but what others have to make', (_, deployment) => {
    const files = renderKubernetes(deployment, extrasOf).filter(({ path }) => path === 'all.yaml')
    const findings = lintManifests(files, { freeGpus: 0 })
    expect(findings.filter(({ rule }) => rule !== 'missing_reference')).toEqual([])
    for (const { severity, reason } of findings)
      expect([severity, reason]).toEqual([
        'advice',
        expect.stringMatching(/^(Secret|PersistentVolumeClaim) /),
      ])
  })

  it('of any deployment are nothing that an API server would refuse', () => {
    fc.assert(
      fc.property(drawnDeployment, (deployment) => {
        const text = toYaml(manifestsOf(deployment))
        const findings = lintManifests([{ path: 'all.yaml', text }])
        expect(findings.filter(({ severity }) => severity === 'rejected')).toEqual([])
      }),
      { numRuns: runs(15, 50) },
    )
  })

  it('of any service are nothing that an API server would refuse', () => {
    fc.assert(
      fc.property(service, (drawn) => {
        const deployment = planned(drawn)
        // About every third can be deployed.
        fc.pre(deployment !== undefined)
        for (const each of [deployment, ...deployment.overlays.map((overlay) => overlay.deployment)]) {
          const files = renderKubernetes({ ...each, overlays: [] }).filter(({ path }) =>
            path.startsWith('base/'),
          )
          const refused = lintManifests(files).filter(({ severity }) => severity === 'rejected')
          expect(refused).toEqual([])
        }
      }),
      { numRuns: 6 },
    )
  })

  it('of the scaler pass the linter', () => {
    const own = { autoscaler: 'hadal' }
    for (const deployment of [
      scaled(gpuNode, {}, own),
      scaled(vllm8gpu, {}, own),
      scaled(vllm8gpu, { nodes: 2 }, own),
    ])
      for (const how of ['operator', 'annotations'] as const) {
        const files = renderKubernetes({ ...deployment, monitoring: { ...deployment.monitoring, how } })
        const found = lintManifests(files.filter(({ path }) => path === 'all.yaml'))
        expect(found.filter(({ object }) => object?.includes('scaler'))).toEqual([])
      }
  })

  it('of a training run pass the linter, for any request', () => {
    fc.assert(
      fc.property(request, fc.constantFrom('operator', 'annotations', 'none'), (requested, monitoring) => {
        const manifests = render(requested, { monitoring: monitoring as 'operator' })
        const findings = lintManifests([{ path: 'run.yaml', text: toYaml(manifests) }])
        // Claims that are there already are referred to alone.
        expect(findings.filter(({ rule }) => rule !== 'missing_reference')).toEqual([])
      }),
      { numRuns: runs(20, 60) },
    )
  })
})

describe('what Prometheus is asked is PromQL', () => {
  it('in rules', () => {
    for (const deployment of Object.values(deployments))
      for (const { rules } of rulesOf(deployment).groups)
        for (const { expr } of rules) expect(checkPromql(expr), expr).toEqual([])
  })

  it('in runbooks', () => {
    const requested = allRunbooks.flatMap(({ look }) =>
      look.flatMap((step) => ('promql' in step ? step.promql.split('\n') : [])),
    )
    expect(requested.length).toBeGreaterThan(50)
    for (const expression of requested)
      expect([expression, checkPromql(expression)]).toEqual([expression, []])
  })

  it('by KEDA, for every engine and wherever it is watched from', () => {
    for (const kind of ['llama', 'vllm', 'sglang'] as const)
      for (const how of ['operator', 'annotations', 'none'] as const)
        for (const scaleToZero of [false, true]) {
          const engine = { kind, nodes: how === 'none' ? 2 : 1 }
          const deployment = scaled(vllm8gpu, engine, { scaleToZero })
          const queries = kedaQueries({ ...deployment, monitoring: { ...deployment.monitoring, how } })
          expect(queries).not.toEqual([])
          for (const query of queries) expect(checkPromql(query), query).toEqual([])
        }
  })

  it('for an observation, whatever the engine and wherever it is watched from', () => {
    for (const given of [laptop, gpuNode, vllm8gpu])
      for (const how of ['operator', 'annotations', 'none'] as const)
        for (const kind of ['llama', 'vllm', 'sglang'] as const) {
          const deployment = { ...given, monitoring: { ...given.monitoring, how } }
          const queries = observationQueries(deployment, { ...deployment.engines[0]!, kind })
          for (const query of Object.values(queries))
            for (const text of [query?.value, query?.measuredAt, query?.sources?.count])
              if (text !== undefined) expect(checkPromql(text), text).toEqual([])
        }
  })

  it('for an observation of a model with adapters, whose names have dots', () => {
    const models = [...(laptop.gateway.config.models as object[])]
    const adapter = {
      id: 'legal.v1',
      upstream: { discover: { kubernetes: { service: 'hadal-engine', port: 'http' } } },
    }
    const gateway = { ...laptop.gateway, config: { ...laptop.gateway.config, models: [...models, adapter] } }
    const { backlog } = observationQueries({ ...laptop, gateway }, laptop.engines[0]!)
    expect(backlog.value).toContain('legal')
    expect(checkPromql(backlog.value)).toEqual([])
  })
})

function kedaQueries(deployment: Deployment): readonly string[] {
  // biome-ignore lint/suspicious/noExplicitAny: objects of one kind are looked into.
  const manifests = manifestsOf(deployment) as readonly any[]
  return manifests
    .filter(({ kind }) => kind === 'ScaledObject')
    .flatMap(({ spec }) =>
      spec.triggers.map(({ metadata }: { metadata: { query: string } }) => metadata.query),
    )
}
