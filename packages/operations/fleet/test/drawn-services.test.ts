/** Services drawn by chance: what is planned of one holds together, and no API server would refuse what is rendered of it. */

import { isHadalError } from '@hadal/base'
import { checkService, quantityValue, readSettings, type Service, serviceSettings } from '@hadal/config'
import { type Deployment, lintManifests, planDeployment, renderKubernetes } from '@hadal/fleet'
import fc from 'fast-check'
import { expect, it } from 'vitest'

const perhaps = <T>(each: fc.Arbitrary<T>) => fc.option(each, { nil: undefined })
const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$/)
const checkpoint = fc.constantFrom(
  'hf:Qwen/Qwen3-8B',
  'hf:deepseek-ai/DeepSeek-V3',
  'meta-llama/Llama-3.1-70B-Instruct',
  './weights/b-7B',
)
const gguf = fc.constantFrom(
  'nano',
  'hf:Qwen/Qwen3-8B-GGUF:Q4_K_M',
  './weights/chat-7B.gguf',
  'https://example.com/x-1B.gguf',
)

const deploy = (engine: string): fc.Arbitrary<object> =>
  fc.record(
    {
      engine: fc.constant(engine),
      name,
      namespace: name,
      replicas: fc.integer({ min: 0, max: 5 }),
      gatewayReplicas: fc.integer({ min: 1, max: 4 }),
      gpusPerReplica: fc.constantFrom(0, 1, 2, 8, 16),
      gpusPerNode: fc.constantFrom(1, 2, 8),
      gpuLabelValues: fc.constantFrom(
        ['nvidia-tesla-t4'],
        ['NVIDIA-H200'],
        ['nvidia-l4', 'nvidia-h100-80gb'],
      ),
      cpuRequest: fc.constantFrom('100m', '4'),
      modelClaim: fc.constant('weights'),
      storageClass: fc.constant('fast'),
      modelStorage: fc.constantFrom('claim', 'download'),
      longestRequestMillis: fc.integer({ min: 0, max: 3_600_000 }),
      coldStartMillis: fc.integer({ min: 0, max: 3_600_000 }),
      monitoring: fc.constantFrom('operator', 'annotations', 'none'),
      host: fc.constant('chat.example.com'),
      imagePullSecret: fc.constant('registry'),
      overlays: fc.dictionary(
        name,
        fc.record({ replicas: fc.integer({ min: 0, max: 3 }), namespace: name }),
        { maxKeys: 2 },
      ),
    },
    { requiredKeys: ['engine'] },
  )

const scaling = fc.record(
  {
    autoscaler: fc.constantFrom('none', 'hpa', 'keda', 'hadal'),
    maxReplicas: fc.integer({ min: 1, max: 9 }),
  },
  { requiredKeys: [] },
)

const service = fc.constantFrom('llama', 'vllm', 'sglang').chain((engine) => {
  const model = engine === 'llama' ? gguf : checkpoint
  const several = fc.uniqueArray(
    fc.record(
      { id: fc.string({ minLength: 1 }), model, contextLength: fc.constant(4096) },
      { requiredKeys: ['id', 'model'] },
    ),
    { minLength: 1, maxLength: 3, selector: ({ id }) => id },
  )
  return fc.record(
    {
      model,
      models: perhaps(several),
      scaling,
      deploy: deploy(engine),
      maxBatchSize: fc.integer({ min: 1, max: 64 }),
      temperature: fc.constant(0.5),
      guard: fc.constantFrom('strict', 'off'),
      drainTimeoutMillis: fc.integer({ min: 0, max: 600_000 }),
      allowKeyless: fc.boolean(),
    },
    { requiredKeys: ['deploy'] },
  )
})

/** Undefined where something keeps it from being deployed, which is then said. */
function planned({ models, model, ...rest }: Record<string, unknown>): Deployment | undefined {
  const values = { ...rest, ...(models === undefined ? { model } : { models }) }
  const read = readSettings(serviceSettings, { file: { path: 'c', values } }, { check: checkService })
  if (read.issues.length > 0) return undefined
  const said = new Set(
    (Object.keys(serviceSettings) as (keyof Service)[]).filter(
      (key) => read.origins[key].source !== 'default',
    ),
  )
  try {
    return planDeployment({
      service: read.values,
      said,
      version: '0.1.0',
      facts: { modelBytes: { nano: 6e6 } },
    })
  } catch (thrown) {
    if (isHadalError(thrown) && thrown.code === 'deploy_invalid') return undefined
    throw thrown
  }
}

const issuesOf = (config: Readonly<Record<string, unknown>>): readonly string[] => {
  const values = JSON.parse(JSON.stringify(config)) as Record<string, unknown>
  return readSettings(serviceSettings, { file: { path: 'c', values } }, { check: checkService }).issues
}

it('holds together', () => {
  let counted = 0
  fc.assert(
    fc.property(service, (drawn) => {
      const deployment = planned(drawn)
      if (deployment === undefined) return
      counted++
      for (const each of [deployment, ...deployment.overlays.map((overlay) => overlay.deployment)]) {
        expect(issuesOf(each.gateway.config)).toEqual([])
        for (const engine of each.engines) {
          if (engine.config !== undefined) expect(issuesOf(engine.config)).toEqual([])
          const { requests, limits } = engine.resources
          for (const what of ['cpu', 'memory'])
            expect(quantityValue(requests[what]!)).toBeLessThanOrEqual(quantityValue(limits[what]!))
          expect(engine.gpusPerNode * engine.nodes).toBe(engine.gpus)
          expect(limits['nvidia.com/gpu']).toBe(engine.gpus === 0 ? undefined : String(engine.gpusPerNode))
          if (engine.kind !== 'llama')
            expect(engine.tensorParallel * engine.pipelineParallel).toBe(engine.gpus)
          expect(engine.workerCommand === undefined).toBe(engine.nodes === 1)
          const { times } = engine
          expect(times.terminationGraceSeconds).toBeGreaterThan(times.preStopSeconds)
          expect(Number.isInteger(times.startupFailureThreshold)).toBe(true)
        }
        const names = [each.gateway.name, ...each.engines.map((engine) => engine.name)]
        expect(new Set(names).size).toBe(names.length)
      }
    }),
    { numRuns: 100 },
  )
  expect(counted).toBeGreaterThan(15)
})

it('is nothing that an API server would refuse', () => {
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
