/** Training runs in a cluster: what is decided, what is rendered, and that it fits itself and Kubernetes' own types. */

import { type Manifest, type RecipeSource, toYaml } from '@hadal/fleet'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../kernel/base/test/slow-tests.ts'
import { file, forms, plan, recipe, render, request } from './drawn-training.ts'
import { runProgram, whyNoPrograms } from './programs.ts'

// biome-ignore lint/suspicious/noExplicitAny: objects of every kind are looked into.
type Any = any
const ofKind = (manifests: readonly Any[], kind: string): Any =>
  manifests.find((manifest) => manifest.kind === kind)
/** The Job that a form comes to. */
const jobOf = (manifests: readonly Any[]): Any =>
  ofKind(manifests, 'Job')?.spec ??
  ofKind(manifests, 'JobSet')?.spec.replicatedJobs[0].template.spec ??
  ofKind(manifests, 'TrainingRuntime').spec.template.spec.replicatedJobs[0].template.spec
const podOf = (manifests: readonly Any[]): Any => jobOf(manifests).template.spec
const variables = (manifests: readonly Any[]): Record<string, string | undefined> =>
  Object.fromEntries(podOf(manifests).containers[0].env.map(({ name, value }: Any) => [name, value]))

describe('ranks of a run', () => {
  it('meet by the stable host name of the first pod', () => {
    expect(variables(render({ nodes: 3, nproc: 2 }))).toMatchObject({
      WORLD_SIZE: '3',
      MASTER_ADDR: 'sums-0.sums',
      MASTER_PORT: '29400',
      RANK: undefined,
    })
    expect(variables(render({ form: 'jobset' }))).toMatchObject({ MASTER_ADDR: 'sums-ranks-0-0.sums' })
    const [rank] = podOf(render()).containers[0].env
    expect(rank.valueFrom.fieldRef.fieldPath).toBe(
      "metadata.annotations['batch.kubernetes.io/job-completion-index']",
    )
    const service = ofKind(render(), 'Service')
    expect(service.spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true })
    expect(podOf(render()).subdomain).toBe(service.metadata.name)
  })

  it('are configured by Kubeflow Trainer, so the manifests set no rank variables', () => {
    const manifests = render({ form: 'trainjob', nodes: 2, nproc: 4 })
    expect(Object.keys(variables(manifests))).toEqual(['OMP_NUM_THREADS'])
    expect(ofKind(manifests, 'TrainJob').spec).toEqual({
      runtimeRef: { apiGroup: 'trainer.kubeflow.org', kind: 'TrainingRuntime', name: 'sums' },
      trainer: { numNodes: 2, numProcPerNode: 4 },
    })
    const { mlPolicy, template } = ofKind(manifests, 'TrainingRuntime').spec
    expect(mlPolicy).toEqual({ numNodes: 2, torch: {} })
    const [job] = template.spec.replicatedJobs
    expect(job.template.metadata.labels).toEqual({ 'trainer.kubeflow.org/trainjob-ancestor-step': 'trainer' })
    expect(job.template.spec.template.spec.containers[0].name).toBe('node')
  })

  it('have the flags of the command behind the recipe, and the cores of a pod between them', () => {
    const [container] = podOf(
      render({ nproc: 3, args: ['--seed', '7', '--', '--data', '/data/a'] }),
    ).containers
    expect(container.args).toEqual(
      'train /opt/hadal/recipe --nproc 3 --metrics-port 9400 --metrics-host 0.0.0.0 --seed 7 -- --data /data/a'.split(
        ' ',
      ),
    )
    expect(container.env.at(-1)).toEqual({ name: 'OMP_NUM_THREADS', value: '2' })
    expect(variables(render({ nproc: 2 }, { cpuLimit: '1500m', cpuRequest: '1' })).OMP_NUM_THREADS).toBe('1')
  })
})

describe('a pod that ends', () => {
  it('because it was evicted or asked to stop costs no restart, and a faulty run is not tried again', () => {
    const { backoffLimit, podFailurePolicy, podReplacementPolicy } = jobOf(render({ nodes: 2, restarts: 5 }))
    expect([backoffLimit, podReplacementPolicy]).toEqual([10, 'Failed'])
    expect(podFailurePolicy.rules.map(({ action }: Any) => action)).toEqual(['Ignore', 'Ignore', 'FailJob'])
    const set = ofKind(render({ form: 'jobset', restarts: 5 }), 'JobSet').spec
    expect(set.failurePolicy).toEqual({
      maxRestarts: 5,
      rules: [
        {
          name: 'asked_to_stop',
          action: 'RestartJobSetAndIgnoreMaxRestarts',
          onJobFailureReasons: ['PodFailurePolicy'],
        },
      ],
    })
    expect(jobOf(render({ form: 'jobset' })).backoffLimit).toBe(0)
  })

  it('has time for a last checkpoint on a claim that stays', () => {
    const manifests = render({ nodes: 2, terminationGraceSeconds: 300, runSize: '1Ti' })
    expect(podOf(manifests).terminationGracePeriodSeconds).toBe(300)
    expect(ofKind(manifests, 'PersistentVolumeClaim').spec).toEqual({
      accessModes: ['ReadWriteMany'],
      resources: { requests: { storage: '1Ti' } },
    })
    expect(ofKind(render(), 'PersistentVolumeClaim').spec.accessModes).toEqual(['ReadWriteOnce'])
    const given = render({ runClaim: 'mine' })
    expect(ofKind(given, 'PersistentVolumeClaim')).toBeUndefined()
    expect(podOf(given).volumes).toContainEqual({
      name: 'run',
      persistentVolumeClaim: { claimName: 'mine' },
    })
  })
})

describe('GPUs', () => {
  it('are requested, tolerated and preferred, as for engines', () => {
    const pod = podOf(
      render({ nproc: 4, image: 'cuda:1' }, { gpuLabel: 'accelerator', gpuLabelValues: ['nvidia-tesla-t4'] }),
    )
    expect(pod.containers[0].resources).toEqual({
      requests: { cpu: '4', memory: '16Gi' },
      limits: { cpu: '8', memory: '32Gi', 'nvidia.com/gpu': '4' },
    })
    expect(pod.tolerations).toEqual([{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }])
    expect(JSON.stringify(pod.affinity)).toContain('nvidia-tesla-t4')
  })

  it('are left to others by the usual image, which has no use for them, and it is said why', () => {
    const { gpus, reasons } = plan({ nproc: 2 })
    expect(gpus).toBe(0)
    expect(reasons[0]).toMatchObject({ what: 'gpus: 0' })
    expect(podOf(render()).tolerations).toBeUndefined()
    expect(plan({ image: 'cuda:1', nproc: 2 }).gpus).toBe(2)
    expect(plan({ gpus: 1 }).gpus).toBe(1)
  })
})

describe('a recipe', () => {
  it('is mounted as it lies in its folder, from a ConfigMap that never changes', () => {
    const manifests = render({
      recipe: { ...recipe, files: [...recipe.files, { path: 'a.bin', bytes: Uint8Array.of(0, 255) }] },
    })
    const map = ofKind(manifests, 'ConfigMap')
    expect(map.immutable).toBe(true)
    expect(map.metadata.name).toMatch(/^sums-recipe-[0-9a-f]{8}$/)
    expect(map.binaryData).toEqual({ 'a.bin': 'AP8=' })
    const { configMap } = podOf(manifests).volumes.find(({ name }: Any) => name === 'recipe')
    expect(configMap.name).toBe(map.metadata.name)
    expect(configMap.items.map(({ path }: Any) => path)).toEqual(['a.bin', 'data/start.ts', 'run.ts'])
    for (const { key } of configMap.items) expect(key in map.data || key in map.binaryData).toBe(true)
  })

  it('of an image is not looked at', () => {
    const manifests = render({ recipe: { kind: 'image', path: '/opt/hadal/recipes/a' } })
    expect(ofKind(manifests, 'ConfigMap')).toBeUndefined()
    expect(podOf(manifests).containers[0].args[1]).toBe('/opt/hadal/recipes/a')
  })

  it('that is too large, or imports what is not with it, is refused', () => {
    const large: RecipeSource = { ...recipe, files: [file('data.jsonl', 'x'.repeat(1_000_001))] }
    expect(() => plan({ recipe: large })).toThrow(
      expect.objectContaining({
        code: 'deploy_recipe_too_large',
        message: expect.stringContaining('data.jsonl'),
      }),
    )
    const alone: RecipeSource = { ...recipe, main: 'run.ts', files: [recipe.files[0]!] }
    expect(() => plan({ recipe: alone })).toThrow(
      expect.objectContaining({
        code: 'deploy_recipe_incomplete',
        message: expect.stringContaining('run.ts: ./data/start.ts'),
      }),
    )
  })

  it('has keys that Kubernetes takes, and each file once, whatever files are called', () => {
    const name = fc.string({
      unit: fc.constantFrom('a', 'B', '-', '.', '_', ' ', 'é', '1'),
      minLength: 1,
      maxLength: 300,
    })
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
    fc.assert(
      fc.property(fc.uniqueArray(path, { minLength: 1, maxLength: 6 }), (paths) => {
        const files = paths.map((each) => file(each, each))
        const { data } = ofKind(render({ recipe: { kind: 'files', main: '.', files } }), 'ConfigMap')
        expect(Object.values(data).sort()).toEqual([...paths].sort())
        for (const key of Object.keys(data)) expect(key).toMatch(/^(?!\.$|\.\.$)[-._a-zA-Z0-9]{1,253}$/)
      }),
    )
  })
})

describe('metrics', () => {
  it('are asked of the one pod that serves them', () => {
    const first = { 'batch.kubernetes.io/job-completion-index': '0' }
    expect(ofKind(render({ nodes: 2 }), 'PodMonitor').spec).toMatchObject({
      selector: { matchLabels: first },
      podMetricsEndpoints: [{ port: 'metrics', interval: '15s' }],
    })
    const annotated = render({ nodes: 2 }, { monitoring: 'annotations' })
    const service = annotated.find(({ metadata }) => metadata.name === 'sums-metrics')
    expect(service.metadata.annotations['prometheus.io/port']).toBe('9400')
    expect(service.spec.selector).toMatchObject(first)
    for (const none of [render({}, { monitoring: 'none' }), render({ metricsPort: 0 })]) {
      expect(ofKind(none, 'PodMonitor')).toBeUndefined()
      expect(ofKind(none, 'NetworkPolicy').spec.ingress).toHaveLength(1)
    }
    expect(podOf(render({ metricsPort: 0 })).containers[0].args).not.toContain('--metrics-port')
  })
})

it('reports every error at once', () => {
  const requested = { name: 'Sums!', nodes: 0, gpus: 99, runSize: 'much', runClaim: 'A b', metricsPort: 1.5 }
  expect(() => plan({ ...requested, image: 'registry:5000/train' }, { cpuRequest: '9' })).toThrow(
    expect.objectContaining({
      code: 'deploy_training_invalid',
      message: expect.stringMatching(
        /8 error\(s\):\n {2}- name: "Sums!".*\n {2}- run claim: .*\n {2}- nodes: 0 .*\n {2}- gpus: 99 .*\n {2}- metricsPort: 1.5 .*\n {2}- image: .*\n {2}- run size: "much".*\n {2}- deploy.cpuRequest: 9 .*/,
      ),
    }),
  )
  const refused = expect.objectContaining({ code: 'deploy_training_invalid' })
  expect(() => plan({ name: 'hadal' })).toThrow(refused)
  expect(() => plan({ image: 'train:latest' })).toThrow(refused)
  expect(() => plan({}, { namespace: 'Bad_Name' })).toThrow(refused)
  expect(() => plan({}, { storageClass: 'no class' })).toThrow(refused)
  expect(plan({ image: `train@sha256:${'0'.repeat(64)}` }).image).toContain('@')
})

it('contains exactly the objects that it refers to, for any request', () => {
  fc.assert(
    fc.property(request, fc.constantFrom('operator', 'annotations', 'none'), (requested, monitoring) => {
      const manifests = render(requested, { monitoring: monitoring as 'operator' })
      const pod = podOf(manifests)
      const [container] = pod.containers
      const volumes = new Set(pod.volumes.map(({ name }: Any) => name))
      expect(new Set(container.volumeMounts.map(({ name }: Any) => name))).toEqual(volumes)
      expect(ofKind(manifests, 'ServiceAccount').metadata.name).toBe(pod.serviceAccountName)
      const { labels } = jobOf(manifests).template.metadata
      expect(labels).toMatchObject(ofKind(manifests, 'NetworkPolicy').spec.podSelector.matchLabels)
      expect(container.securityContext).toMatchObject({
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
      })
      const keys = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
      expect(new Set(keys).size).toBe(keys.length)
      expect(JSON.stringify(manifests)).not.toContain('latest')
    }),
    { numRuns: runs(20, 60) },
  )
})

const why = whyNoPrograms('kubectl')
describe.skipIf(why !== undefined)(`kubectl ${why ?? ''}`, () => {
  const decode = (args: readonly string[], manifest: Manifest) =>
    runProgram('kubectl', ['set', ...args, '--local', '-o', 'json', '-f', '-'], { input: toYaml([manifest]) })

  it.each(forms)('keeps every field of the job that a %s comes to', (form) => {
    const manifests = render({ form, nodes: 2, nproc: 2, image: 'a:1', gpus: 2, dataClaim: 'data' })
    const job: Manifest = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'sums' },
      spec: jobOf(manifests),
    }
    const { name } = podOf(manifests).containers[0]
    const { code, output } = decode(['image', `${name}=b:2`], job)
    expect(code, output).toBe(0)
    expect(JSON.parse(output)).toMatchObject(JSON.parse(JSON.stringify(job).replace('a:1', 'b:2')))
  })

  it('decodes everything else into the real types', () => {
    const manifests = render({ nodes: 2 }, { monitoring: 'annotations' }) as readonly Manifest[]
    for (const manifest of manifests) {
      const { output } = decode(['env', 'A=b'], manifest)
      expect(output).toMatch(/the object is not a pod or does not have a pod template: \*v\d\.|^\{/)
    }
    const claim = ofKind(manifests, 'PersistentVolumeClaim')
    const broken = { ...claim, spec: { ...claim.spec, accessModes: 'ReadWriteMany' } }
    expect(decode(['env', 'A=b'], broken).output).toContain('unable to decode')
  })
})
