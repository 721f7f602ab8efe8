import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lintManifests } from '../lint-manifests.ts'
import { harmCatalogue, harmRules } from './rules.ts'

const lint = (text: string, freeGpus?: number) =>
  lintManifests([{ path: 'x.yaml', text }], { rules: harmRules, freeGpus })
const rulesIn = (text: string, freeGpus?: number): string[] => [
  ...new Set(lint(text, freeGpus).map(({ rule }) => rule)),
]

const gpuDeployment = (strategy: string, gpus = 2): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: engine }
spec:
  replicas: 2
  strategy: ${strategy}
  selector: { matchLabels: { app: engine } }
  template:
    metadata: { labels: { app: engine } }
    spec:
      containers: [{ name: engine, image: "vllm/vllm-openai:v0.9.2", resources: { limits: { nvidia.com/gpu: ${gpus} } } }]
`

describe('surge and free GPUs', () => {
  const surge = (strategy: string, freeGpus?: number) =>
    lint(gpuDeployment(strategy), freeGpus).find(({ rule }) => rule === 'surge_without_gpus')

  test('with as many free as the surge needs there is nothing to say', () => {
    expect(surge('{ rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }', 2)).toBeUndefined()
    expect(surge('{ rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }', 1)?.reason).toContain('1 is free')
  })

  test('is only advice when old pods free room and the free GPUs are unknown', () => {
    const both = '{ rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } }'
    expect(surge(both)?.severity).toBe('advice')
    expect(surge(both, 0)?.severity).toBe('harmful')
  })

  test('neither surge 0 nor Recreate needs more', () => {
    expect(surge('{ rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }', 0)).toBeUndefined()
    expect(surge('{ type: Recreate }', 0)).toBeUndefined()
  })

  test('shares are rounded as Kubernetes does: surge up, unavailable down', () => {
    expect(surge('{ rollingUpdate: { maxSurge: 10%, maxUnavailable: 49% } }')?.reason).toMatch(
      /maxSurge 1 .*maxUnavailable 0/,
    )
  })
})

test('an autoscaler’s most counts for the surge', () => {
  const scaler = `---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: { name: engine }
spec: { scaleTargetRef: { name: engine }, maxReplicaCount: 12, triggers: [] }
`
  const found = lint(`${gpuDeployment('{}')}${scaler}`).find(({ rule }) => rule === 'surge_without_gpus')
  // At one replica nothing makes room; at twelve, three old pods would.
  expect(found?.reason).toContain('maxSurge 1 (25 % by default) of 1 replica needs 2 more nvidia.com/gpu')
  expect(found?.severity).toBe('harmful')
  const free = lint(`${gpuDeployment('{}')}${scaler}`, 2).find(({ rule }) => rule === 'surge_without_gpus')
  expect(free?.reason).toContain(
    'maxSurge 3 (25 % by default) of 12 replicas needs 6 more nvidia.com/gpu; 2 are free',
  )
})

test('objects that say no namespace may become neighbours of any', () => {
  const service = (namespace: string) => `---
apiVersion: v1
kind: Service
metadata: { name: engine${namespace} }
spec: { selector: { app: other } }
`
  expect(rulesIn(gpuDeployment('{}') + service(''))).toContain('service_selects_nothing')
  expect(rulesIn(service(', namespace: a'))).not.toContain('service_selects_nothing')
})

describe('secrets', () => {
  const env = (name: string, value: string): string[] =>
    rulesIn(`
apiVersion: v1
kind: Pod
metadata: { name: x }
spec: { containers: [{ name: x, image: "x:1", env: [{ name: ${name}, value: ${JSON.stringify(value)} }] }] }
`)

  test('are known by the name of the variable or the form of the value', () => {
    for (const name of ['DB_PASSWORD', 'HF_TOKEN', 'OPENAI_API_KEY', 'AWS_SECRET_ACCESS_KEY', 'apiKey_TOKEN'])
      expect(env(name, 'abc-def'), name).toContain('plain_secret')
    expect(env('ANYTHING', `hf_${'a'.repeat(34)}`)).toContain('plain_secret')
    expect(env('URL', `postgres://user:${'pass'}word@host/db`)).toContain('plain_secret')
  })

  test('are not seen where there are none', () => {
    for (const name of [
      'MAX_TOKENS',
      'TOKENIZERS_PARALLELISM',
      'KEYCLOAK_URL',
      'SECRET_NAME',
      'TOKEN_FILE',
      'API_KEY_HEADER',
    ])
      expect(env(name, 'abc'), name).not.toContain('plain_secret')
    for (const value of ['', '$(KEY)', '/run/secrets/token', '<your key>', 'changeme', '4096'])
      expect(env('API_KEY', value), value).not.toContain('plain_secret')
  })

  test('are seen in config files within ConfigMaps', () => {
    const inMap = (text: string): string[] =>
      rulesIn(
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'x' },
          data: { 'app.conf': text },
        }),
      )
    for (const text of [
      'db:\n  password: hunter-two-two',
      '{"apiKeys": ["abcdefgh"]}',
      'admin_token = "abc-def-ghi"',
    ])
      expect(inMap(text), text).toEqual(['plain_secret'])
    for (const text of [
      'password: $' + '{DB_PASSWORD}',
      'maxTokens: 409600',
      'passwordFile: /run/secrets/db',
      'tokenizer: qwen2.5-instruct',
      '{"secretName": "hadal-secrets"}',
      'authTokenEnv: HADAL_TOKEN',
    ])
      expect(inMap(text), text).toEqual([])
  })

  test('no finding has any part of them', () => {
    const secret = `hf_${'Qx7'.repeat(12)}`
    const text = `
apiVersion: v1
kind: Pod
metadata: { name: x }
spec:
  containers:
    - { name: x, image: "x:1", env: [{ name: HF_TOKEN, value: ${secret} }], args: [--token, ${secret}, "--key=${secret}", ${secret}] }
---
apiVersion: v1
kind: Secret
metadata: { name: x }
stringData: { token: ${secret} }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: x }
data: { config: "token = ${secret}" }
`
    expect(lint(text).filter(({ rule }) => rule === 'plain_secret')).toHaveLength(5)
    expect(JSON.stringify(lint(text))).not.toContain('Qx7')
  })
})

test('a measured start judges a startup probe; without one its author is believed', () => {
  const pod = (annotations: string) => `
apiVersion: v1
kind: Pod
metadata: { name: x, annotations: ${annotations} }
spec: { containers: [{ name: vllm, image: "vllm/vllm-openai:v0.9.2", startupProbe: { httpGet: { port: 8000 }, failureThreshold: 6 } }] }
`
  expect(rulesIn(pod('{}'))).not.toContain('no_startup_budget')
  expect(rulesIn(pod('{ hadal.dev/cold-start-seconds: "90" }'))).toContain('no_startup_budget')
  expect(rulesIn(pod('{ hadal.dev/cold-start-seconds: "45" }'))).not.toContain('no_startup_budget')
})

test('weights of many gigabytes need a longer start than most', () => {
  const text = `
apiVersion: v1
kind: Pod
metadata: { name: x }
spec:
  containers:
    - { name: vllm, image: "x:1", args: [--model, org/Model-405B-Instruct], resources: { limits: { nvidia.com/gpu: 8 } }, livenessProbe: { httpGet: { port: 8000 }, initialDelaySeconds: 600 } }
`
  expect(lint(text).find(({ rule }) => rule === 'no_startup_budget')?.reason).toContain(
    '810 GB of weights (405B parameters) take about 870 s',
  )
})

test('each rule has an id of its own and says why', () => {
  const ids = harmCatalogue.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const { id, what, why } of harmCatalogue) {
    expect(id).toMatch(/^[a-z]+(_[a-z]+)+$/)
    expect(what.length * why.length, id).toBeGreaterThan(0)
    expect(why, id).toMatch(/[.`]$/)
  }
})

test('objects of any form are judged, and nothing throws', () => {
  const kinds = fc.constantFrom(
    ...'Deployment StatefulSet Pod Job CronJob Service Ingress NetworkPolicy ConfigMap Secret HorizontalPodAutoscaler ScaledObject ServiceMonitor PodMonitor PrometheusRule PodDisruptionBudget Role ClusterRoleBinding LeaderWorkerSet JobSet'.split(
      ' ',
    ),
  )
  const keys = fc.constantFrom(
    ...'spec template containers initContainers volumes env args resources limits requests metadata labels name selector matchLabels rules groups expr data ports jobTemplate strategy rollingUpdate maxSurge triggers query livenessProbe httpGet egress securityContext replicatedJobs'.split(
      ' ',
    ),
  )
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      fc.constantFrom('x', '', 'sum(x', '25%', 'nvidia.com/gpu', 'groups: [', '{"panels": 3}'),
      fc.integer(),
      fc.constant(null),
      fc.boolean(),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(keys, tie('any'), { maxKeys: 5 }),
    ),
  })).any
  const object = fc.record({
    kind: kinds,
    metadata: value,
    spec: fc.dictionary(keys, value),
    data: value,
    rules: value,
  })
  fc.assert(
    fc.property(fc.array(object, { maxLength: 3 }), (objects) => {
      const text = objects.map((each) => JSON.stringify({ apiVersion: 'v1', ...each })).join('\n---\n')
      for (const finding of lint(text)) expect(finding.line).toBeGreaterThan(0)
    }),
    { numRuns: 300 },
  )
})
