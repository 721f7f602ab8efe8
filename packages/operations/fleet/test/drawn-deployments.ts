/** Deployments drawn by chance, for properties: every choice that a plan may hold, whether or not one would make it. */

import type { Deployment, EnginePlan, GatewayPlan } from '@hadal/fleet'
import fc from 'fast-check'
import { vllm8gpu } from './deployments.ts'

const [anEngine] = vllm8gpu.engines
const name: fc.Arbitrary<string> = fc.stringMatching(/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/)
const orNothing = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(of, { nil: undefined })
/** Words that readers of YAML take for something else, among others. */
const trickyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    'on',
    'no',
    '1e3',
    '08',
    '0x1F',
    '12:30',
    '2026-01-01',
    'null',
    '~',
    '',
    ' a',
    '#',
    'a: b',
    '"',
  ),
  fc.string(),
)
const times: fc.Arbitrary<EnginePlan['times']> = fc.record({
  probePeriodSeconds: fc.integer({ min: 1, max: 30 }),
  startupFailureThreshold: fc.integer({ min: 1, max: 600 }),
  preStopSeconds: fc.integer({ min: 0, max: 30 }),
  terminationGraceSeconds: fc.integer({ min: 31, max: 700 }),
})
const hubToken = { variable: 'HF_TOKEN', key: 'hf-token', optional: true }

const model: fc.Arbitrary<EnginePlan['model']> = fc
  .record({
    storage: fc.constantFrom('image', 'download', 'claim'),
    hasClaim: fc.boolean(),
    makesClaim: fc.boolean(),
    storageClass: orNothing(fc.constantFrom('fast', 'shared')),
    bytes: fc.integer({ min: 1, max: 10 ** 12 }),
  })
  .map(({ storage, hasClaim, makesClaim, storageClass, bytes }) => {
    const claim = storage === 'claim' || (storage === 'download' && hasClaim) ? 'weights' : ''
    const download = {
      image: 'hadal:0.1.0',
      command: ['hadal', 'models', 'pull', 'hf:a/b:Q4', '--cache-dir', '/models'],
    }
    return {
      ...{ ref: 'hf:a/b:Q4', storage, source: undefined, mountPath: '/models', storageClass, bytes, claim },
      download: storage === 'download' ? download : undefined,
      makesClaim: claim !== '' && makesClaim,
    }
  })

const engine: fc.Arbitrary<EnginePlan> = fc
  .record({
    kind: fc.constantFrom('llama', 'vllm', 'sglang'),
    modelId: fc.oneof(name, fc.constantFrom('org/model:tag', 'ünïcode', `a${'b'.repeat(90)}`, '"quoted"')),
    gpus: fc.constantFrom(0, 1, 2, 8),
    nodes: fc.constantFrom(1, 1, 1, 2),
    replicas: fc.integer({ min: 0, max: 5 }),
    isScaled: fc.boolean(),
    rollout: fc.constantFrom('surge', 'inPlace'),
    text: trickyText,
    times,
    model,
  })
  .map(({ text, ...drawn }) => ({
    ...anEngine!,
    ...drawn,
    command: drawn.kind === 'llama' ? ['hadal', 'serve'] : anEngine!.command,
    resources: {
      requests: { cpu: '4', memory: '16Gi' },
      limits: { cpu: '8', memory: '32Gi', ...(drawn.gpus > 0 && { 'nvidia.com/gpu': String(drawn.gpus) }) },
    },
    gpusPerNode: Math.max(1, drawn.gpus),
    config: drawn.kind === 'llama' ? { model: text, models: [] } : undefined,
    workerCommand: drawn.nodes > 1 ? ['sh', '-c', text] : undefined,
    secrets: [hubToken],
  }))

const gateway: fc.Arbitrary<Partial<GatewayPlan>> = fc.record({
  replicas: fc.integer({ min: 1, max: 5 }),
  config: fc.constantFrom(vllm8gpu.gateway.config, { models: [] }, { otlpEndpoint: 'http://otel:4318' }),
  times,
})

/** Without overlays. */
export const drawnDeployment: fc.Arbitrary<Deployment> = fc
  .record({
    name,
    namespace: fc.oneof(name, fc.constantFrom('default', 'hadal')),
    engines: fc.array(engine, { maxLength: 3 }),
    gateway,
    autoscaler: fc.constantFrom('none', 'hpa', 'keda', 'hadal'),
    minReplicas: fc.integer({ min: 0, max: 3 }),
    how: fc.constantFrom('operator', 'annotations', 'none'),
    labels: fc.dictionary(fc.constantFrom('release', 'team'), fc.constantFrom('a', 'on', '08'), {
      maxKeys: 2,
    }),
    imagePullSecret: orNothing(fc.constant('registry')),
    host: orNothing(fc.constantFrom('a.example.com', 'b.example.com')),
  })
  .map(({ autoscaler, minReplicas, how, labels, gateway, engines, ...drawn }) => ({
    ...vllm8gpu,
    ...drawn,
    gateway: { ...vllm8gpu.gateway, ...gateway, name: `${drawn.name}-gateway` },
    engines: engines.map((engine, at) => ({
      ...engine,
      name: at === 0 ? `${drawn.name}-engine` : `${drawn.name}-engine-${at}`,
      isScaled: engine.isScaled && autoscaler !== 'none',
    })),
    scaling: {
      ...vllm8gpu.scaling,
      autoscaler,
      minReplicas,
      scaleToZero: (autoscaler === 'keda' || autoscaler === 'hadal') && minReplicas !== 1,
    },
    monitoring: { ...vllm8gpu.monitoring, how, labels },
    secretName: `${drawn.name}-secrets`,
    overlays: [],
  }))

/** A deployment and another one that is much like it, as overlays are, or not at all. */
export const drawnOverlay: fc.Arbitrary<{ base: Deployment; overlay: Deployment }> = fc
  .tuple(drawnDeployment, drawnDeployment, fc.integer({ min: 0, max: 255 }))
  .map(([base, other, taken]) => {
    const keys = [
      'namespace',
      'gateway',
      'engines',
      'scaling',
      'monitoring',
      'host',
      'imagePullSecret',
      'name',
    ] as const
    const overlay = Object.fromEntries(
      keys.filter((_, at) => taken & (1 << at)).map((key) => [key, other[key]]),
    )
    return { base, overlay: { ...base, ...overlay } as Deployment }
  })
