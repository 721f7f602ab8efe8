/** What is planned of a service, and what keeps one from being deployed. */

import { isHadalError } from '@hadal/base'
import {
  checkService,
  resolveSettings,
  type Service,
  type ServiceDefinition,
  serviceSettings,
} from '@hadal/config'
import { describe, expect, it } from 'vitest'
import type { Deployment, EnginePlan } from './deployment.ts'
import { planDeployment } from './plan-deployment.ts'
import type { DeploymentFacts } from './plan-facts.ts'

function plan(values: ServiceDefinition, facts: DeploymentFacts = { modelBytes: { nano: 6e6 } }): Deployment {
  const file = { path: 'hadal.config.ts', values: values as Readonly<Record<string, unknown>> }
  const { values: service, origins } = resolveSettings(serviceSettings, { file }, { check: checkService })
  const keys = Object.keys(serviceSettings) as (keyof Service)[]
  const said = new Set(keys.filter((key) => origins[key].source !== 'default'))
  return planDeployment({ service, said, version: '1.2.3', facts })
}

function issuesOf(values: ServiceDefinition, facts?: DeploymentFacts): string {
  try {
    plan(values, facts)
    return ''
  } catch (thrown) {
    if (!isHadalError(thrown) || thrown.code !== 'deploy_invalid') throw thrown
    return thrown.message
  }
}

const reasonOf = ({ reasons }: Deployment, what: string): string | undefined =>
  reasons.find((reason) => reason.what === what)?.why

/** What `hadal serve` would read of a planned config. */
function readBack(values: Readonly<Record<string, unknown>>): Service {
  const text = JSON.parse(JSON.stringify(values)) as Record<string, unknown>
  return resolveSettings(serviceSettings, { file: { path: 'c', values: text } }, { check: checkService })
    .values
}

const only = ({ engines }: Deployment): EnginePlan => engines[0]!

describe('a service of which nothing is said', () => {
  const deployment = plan({})

  it('is the bundled model on one GPU behind two gateways, by the figures of the guide', () => {
    expect(only(deployment)).toMatchObject({
      name: 'hadal-engine',
      image: 'hadal:1.2.3',
      gpus: 1,
      resources: {
        requests: { cpu: '4', memory: '16Gi' },
        limits: { cpu: '8', memory: '32Gi', 'nvidia.com/gpu': '1' },
      },
      rollout: 'inPlace',
    })
    expect(deployment.gateway).toMatchObject({ name: 'hadal-gateway', replicas: 2 })
    expect(deployment.scaling.maxReplicas).toBe(4)
  })

  it('says that the memory of a GPU was assumed', () => {
    expect(reasonOf(deployment, 'memory of a GPU')).toBe(
      '16.0 GiB, assumed: nvidia.com/gpu.present: true is not a known GPU; set gpuMemoryBytes',
    )
  })
})

describe('settings', () => {
  const deployment = plan({
    contextLength: 4096,
    maxBatchSize: 8,
    temperature: 0.2,
    guard: 'strict',
    maxConnections: 100,
    bodyLimitBytes: '8MiB',
    corsOrigins: ['https://chat.example.com'],
    snapshotDir: 'beginnings',
    logLevel: 'debug',
    apiKeys: ['sk-one'],
    keyWeights: [2],
    port: 9999,
  })
  const engine = readBack(only(deployment).config!)
  const gateway = readBack(deployment.gateway.config)

  it('of models are the engine’s, of clients the gateway’s, of bodies and logs both', () => {
    expect(engine).toMatchObject({
      contextLength: 4096,
      maxBatchSize: 8,
      temperature: 0.2,
      maxConnections: 4096,
    })
    expect(gateway).toMatchObject({
      maxConnections: 100,
      corsOrigins: ['https://chat.example.com'],
      keyWeights: [2],
    })
    expect(gateway.guard).toEqual({ preset: 'strict' })
    expect(gateway.contextLength).toBeUndefined()
    for (const each of [engine, gateway])
      expect(each).toMatchObject({
        bodyLimitBytes: 8 * 1024 ** 2,
        logLevel: 'debug',
        logFormat: 'json',
        port: 8080,
      })
  })

  it('that only hold on one machine are put where the pod has a place for them', () => {
    expect(engine.snapshotDir).toBe('/var/lib/hadal/snapshots')
    expect(reasonOf(deployment, 'settings')).toBe('omitted because they are chosen for pods: port')
  })

  it('leave the guard to the gateway, and say so', () => {
    expect(engine.guard).toEqual({ preset: 'off' })
    expect(reasonOf(deployment, 'guard of nano')).toContain('the gateway has already screened')
  })

  it('have no keys, which come from the Secret', () => {
    expect(gateway.apiKeys).toEqual([])
    expect(deployment.gateway.secrets).toContainEqual({
      variable: 'HADAL_API_KEYS',
      key: 'api-keys',
      optional: false,
    })
    expect(reasonOf(deployment, 'client keys')).toContain('the keys in the config file are not rendered')
  })
})

it('requires no key when the config allows keyless access', () => {
  const deployment = plan({ allowKeyless: true })
  expect(readBack(deployment.gateway.config).allowKeyless).toBe(true)
  expect(deployment.gateway.secrets[0]).toMatchObject({ variable: 'HADAL_API_KEYS', optional: true })
  expect(reasonOf(deployment, 'client keys')).toContain(
    'every client that can reach the gateway can use the models',
  )
})

describe('several models', () => {
  const deployment = plan({
    idleUnloadMillis: '10m',
    models: [
      {
        id: 'chat',
        model: 'hf:Qwen/Qwen3-8B-GGUF:Q4_K_M',
        aliases: ['big'],
        fallbacks: ['api'],
        contextLength: 8192,
      },
      { id: 'embed', model: 'nano', embeddings: true, pinned: true },
      {
        id: 'api',
        upstream: {
          replicas: ['https://api.deepseek.com'],
          apiKeyEnv: 'DEEPSEEK_API_KEY',
          routing: 'roundRobin',
        },
      },
    ] as never,
    deploy: { gpuLabelValues: ['nvidia-tesla-t4'] },
  })
  const { models } = readBack(deployment.gateway.config)

  it('have an engine each, and those elsewhere stay where they are', () => {
    expect(deployment.engines.map(({ name, modelId }) => [name, modelId])).toEqual([
      ['hadal-engine-chat', 'chat'],
      ['hadal-engine-embed', 'embed'],
    ])
    expect(models.map(({ id }) => id)).toEqual(['chat', 'embed', 'api'])
    expect(models[0]).toMatchObject({
      aliases: ['big'],
      fallbacks: ['api'],
      upstream: {
        discover: { kubernetes: { service: 'hadal-engine-chat', port: 'http' } },
        model: 'chat',
        healthPath: '/ready',
        answerTimeoutMillis: 600_000,
      },
    })
    expect(models[2]).toMatchObject({ upstream: { apiKeyEnv: 'DEEPSEEK_API_KEY', routing: 'roundRobin' } })
    expect(deployment.gateway.secrets).toContainEqual({
      variable: 'DEEPSEEK_API_KEY',
      key: 'deepseek-api-key',
      optional: false,
    })
  })

  it('have their own settings over those of the service', () => {
    expect(readBack(deployment.engines[0]!.config!)).toMatchObject({ contextLength: 8192, modelId: 'chat' })
    expect(readBack(deployment.engines[1]!.config!)).toMatchObject({ embeddings: true, model: 'nano' })
  })

  it('report settings that have no effect any more', () => {
    expect(reasonOf(deployment, 'models')).toContain('no effect there: idleUnloadMillis')
    expect(reasonOf(deployment, 'loading of embed')).toContain(
      'pinned, loadAtStart and idleUnloadMillis are omitted',
    )
  })
})

it('is a gateway alone where all models are elsewhere', () => {
  const deployment = plan({ models: [{ id: 'a', upstream: { replicas: ['http://vllm:8000/v1'] } }] as never })
  expect(deployment.engines).toEqual([])
  expect(deployment.reasons.map(({ what }) => what)).not.toContain('engine rollout')
})

describe('weights', () => {
  const placed = (values: ServiceDefinition, facts?: DeploymentFacts) => {
    const engine = only(plan(values, facts))
    return { ...engine.model, config: engine.config, command: engine.command }
  }
  const here = { modelBytes: { './models/chat-7B.gguf': 5e9 } }

  it('of the hub are downloaded by the image that can', () => {
    const model = 'hf:Qwen/Qwen3-8B-GGUF:Q4_K_M'
    expect(placed({ model })).toMatchObject({
      storage: 'download',
      claim: '',
      download: {
        image: 'hadal:1.2.3',
        command: ['hadal', 'models', 'pull', model, '--cache-dir', '/models'],
      },
      config: { model, cacheDir: '/models', offline: true },
    })
    expect(placed({ model, draftModel: 'hf:Qwen/Qwen3-0.6B-GGUF:Q8_0' }).download!.command).toEqual([
      'sh',
      '-c',
      `hadal models pull ${model} --cache-dir /models && hadal models pull hf:Qwen/Qwen3-0.6B-GGUF:Q8_0 --cache-dir /models`,
    ])
  })

  it('that are a file here are expected in a volume, with whatever else the config names', () => {
    const values: ServiceDefinition = {
      model: './models/chat-7B.gguf',
      adapters: [{ path: 'loras/tales.gguf', scale: 0.5 }],
      draftModel: '/models/small/draft.gguf',
    }
    expect(placed(values, here)).toMatchObject({
      storage: 'claim',
      claim: 'hadal-models',
      makesClaim: true,
      ref: '/models/chat-7B.gguf',
      bytes: 5e9,
      config: {
        model: '/models/chat-7B.gguf',
        adapters: [{ path: '/models/tales.gguf', scale: 0.5 }],
        draftModel: '/models/small/draft.gguf',
      },
    })
    expect(reasonOf(plan(values, here), 'weights of chat-7B')).toBe(
      'in the volume hadal-models, which is created and must be filled: chat-7B.gguf, tales.gguf, small/draft.gguf',
    )
  })

  it('that are already in the volume are not requested from the hub, which may be unreachable', () => {
    const { download } = placed({
      model: 'hf:Qwen/Qwen3-8B-GGUF:Q4_K_M',
      draftModel: 'https://example.com/draft-1B.gguf?download=1',
      deploy: { modelClaim: 'weights' },
    }) as { download: { command: readonly string[] } }
    const pull = (ref: string): string => `hadal models pull ${ref} --cache-dir /models`
    const model = pull('hf:Qwen/Qwen3-8B-GGUF:Q4_K_M')
    const draft = pull("'https://example.com/draft-1B.gguf?download=1'")
    expect(download.command).toEqual([
      'sh',
      '-c',
      `(${model} --offline 2>/dev/null || ${model}) && (${draft} --offline 2>/dev/null || ${draft})`,
    ])
  })

  it('of the bundled model are in the image, its adapters in a volume', () => {
    const adapters = [{ path: 'tales.gguf' }]
    expect(placed({ adapters })).toMatchObject({ storage: 'claim', config: { model: 'nano' } })
    const { models } = readBack(plan({ adapters }).gateway.config)
    expect(models.map(({ id }) => id)).toEqual(['nano', 'tales'])
  })

  it.each<[ServiceDefinition, RegExp]>([
    [
      { model: 'hf:a/b-7B-GGUF:Q8_0', adapters: [{ path: 'x.gguf' }] },
      /x\.gguf would not be in the pod: set deploy/,
    ],
    [{ model: './x-7B.gguf', deploy: { modelStorage: 'download' } }, /is a path and cannot be downloaded/],
    [
      { model: './x-7B.gguf', deploy: { modelStorage: 'image' } },
      /modelStorage image needs the path of the weights in the image/,
    ],
    [
      { adapters: [{ path: 'a/x.gguf' }, { id: 'y', path: 'b/x.gguf' }] },
      /two files would both be \/models\/x\.gguf/,
    ],
    [{ model: './mystery.gguf' }, /the size of \.\/mystery\.gguf is unknown.*Set deploy\.modelBytes/],
    [{ chatTemplate: 'templates/x.jinja' }, /chatTemplate templates\/x\.jinja is not a local file/],
  ])('%j: %s', (values, issue) => expect(issuesOf(values)).toMatch(issue))

  it('have their size from the setting, the file here, or the name', () => {
    expect(placed({ model: './x-7B.gguf' }).bytes).toBe(7_525_000_000)
    expect(placed({ model: './x-7B.gguf' }, { modelBytes: { './x-7B.gguf': 9 } }).bytes).toBe(9)
    expect(
      placed({ model: './x-7B.gguf', deploy: { modelBytes: '3GiB' } }, { modelBytes: { './x-7B.gguf': 9 } })
        .bytes,
    ).toBe(3 * 1024 ** 3)
  })

  it('takes a chat template from its file', () => {
    const source = '{{ messages }}'
    expect(
      placed(
        { chatTemplate: 't/x.jinja' },
        { modelBytes: { nano: 1 }, chatTemplates: { 't/x.jinja': source } },
      ).config,
    ).toMatchObject({ chatTemplate: source })
  })
})

describe('a service whose engines may all go', () => {
  const scaling = { autoscaler: 'hadal', scaleToZero: true, minReplicas: 0 } as const
  const upstreamsOf = (values: ServiceDefinition) =>
    readBack(plan(values).gateway.config).models.map((model) => 'upstream' in model && model.upstream)

  it('has requests wait at the gateway as long as a start may take', () => {
    const values = { scaling, adapters: [{ path: 'tales.gguf' }] }
    const { engines } = plan(values)
    const { probePeriodSeconds, startupFailureThreshold } = engines[0]!.times
    const startMillis = probePeriodSeconds * startupFailureThreshold * 1000
    for (const upstream of upstreamsOf(values)) {
      const { holdMillis = 0, wakeMillis = 0 } = upstream as { holdMillis?: number; wakeMillis?: number }
      expect(holdMillis).toBeGreaterThan(startMillis)
      expect(wakeMillis).toBeGreaterThan(0)
      expect(wakeMillis).toBeLessThan(holdMillis)
    }
    expect(reasonOf(plan(values), 'requests while nano sleeps')).toMatch(/^wait up to .*, which covers/)
  })

  it('has none wait where one engine always is there', () => {
    expect(upstreamsOf({ scaling: { autoscaler: 'hadal' } })).toEqual([
      expect.not.objectContaining({ holdMillis: expect.anything() }),
    ])
  })
})

describe('vLLM and SGLang', () => {
  const h100 = { gpuLabel: 'nvidia.com/gpu.product', gpuLabelValues: ['NVIDIA-H100-80GB-HBM3'] }

  it('receive the parallelism, the model name and the settings that they support', () => {
    const engine = only(
      plan({
        model: 'deepseek-ai/DeepSeek-R1-Distill-Llama-70B',
        modelId: 'r1',
        contextLength: 16_384,
        maxBatchSize: 64,
        temperature: 0.6,
        topP: 0.95,
        maxQueue: 9,
        adapters: [{ id: 'law', path: 'loras/law' }],
        deploy: { engine: 'vllm', modelClaim: 'weights', ...h100 },
      }),
    )
    expect(engine.command.join(' ')).toBe(
      'vllm serve /models/deepseek-ai/DeepSeek-R1-Distill-Llama-70B --served-model-name r1 --tensor-parallel-size 4 ' +
        '--gpu-memory-utilization 0.9 --max-model-len 16384 --max-num-seqs 64 ' +
        '--override-generation-config {"temperature":0.6,"top_p":0.95} --enable-lora --lora-modules law=/models/law ' +
        '--host 0.0.0.0 --port 8000 --shutdown-timeout 600',
    )
    expect(engine).toMatchObject({
      kind: 'vllm',
      config: undefined,
      port: 8000,
      gpus: 4,
      model: {
        storage: 'download',
        claim: 'weights',
        download: {
          image: 'vllm/vllm-openai:v0.24.0',
          command: [
            'hf',
            'download',
            'deepseek-ai/DeepSeek-R1-Distill-Llama-70B',
            '--local-dir',
            expect.any(String),
            '--exclude',
            'original/*',
          ],
        },
      },
      secrets: [{ variable: 'HF_TOKEN', key: 'hf-token', optional: true }],
    })
  })

  it('are a group of nodes where one is not enough', () => {
    const values: ServiceDefinition = { model: 'hf:deepseek-ai/DeepSeek-V3@v1', modelId: 'v3' }
    const vllm = only(plan({ ...values, deploy: { engine: 'vllm', ...h100 } }))
    expect(vllm).toMatchObject({ nodes: 2, gpus: 16, gpusPerNode: 8, tensorParallel: 8, pipelineParallel: 2 })
    expect(vllm.command.join(' ')).toContain(
      '--distributed-executor-backend mp --nnodes 2 --node-rank $(LWS_WORKER_INDEX) --master-addr $(LWS_LEADER_ADDRESS) --master-port 29500 --host 0.0.0.0',
    )
    expect(vllm.workerCommand!.join(' ')).toMatch(/--master-port 29500 --headless$/)
    expect(vllm.resources.limits['nvidia.com/gpu']).toBe('8')
    expect(vllm.model.download!.command.slice(0, 5)).toEqual([
      'hf',
      'download',
      'deepseek-ai/DeepSeek-V3',
      '--revision',
      'v1',
    ])
    const sglang = only(plan({ ...values, deploy: { engine: 'sglang', ...h100 } }))
    expect(sglang.command.join(' ')).toBe(
      'python3 -m sglang.launch_server --model-path /models/deepseek-ai/DeepSeek-V3 --served-model-name v3 --tp-size 8 --pp-size 2 ' +
        '--host 0.0.0.0 --port 30000 --enable-metrics --nnodes 2 --node-rank $(LWS_WORKER_INDEX) --dist-init-addr $(LWS_LEADER_ADDRESS):20000',
    )
    expect(sglang.workerCommand).toEqual(sglang.command)
  })

  it('fit the context to the available memory when no context length is configured', () => {
    const deployment = plan({ model: 'hf:Qwen/Qwen3-8B', deploy: { engine: 'vllm' } })
    expect(only(deployment).command.join(' ')).toContain(' --max-model-len auto ')
    expect(reasonOf(deployment, 'context of Qwen3-8B')).toContain('as the KV cache allows')
  })

  it('are flagged when memory is low for one process per GPU', () => {
    const values: ServiceDefinition = { model: 'hf:deepseek-ai/DeepSeek-V3', modelId: 'v3' }
    const gpus = { engine: 'vllm', gpuLabelValues: ['NVIDIA-H200'] } as const
    expect(reasonOf(plan({ ...values, deploy: gpus }), 'memory of v3')).toBe(
      '32Gi from memoryLimit, which is low: 8 processes need about 5.0 GiB each',
    )
    expect(
      reasonOf(plan({ ...values, deploy: { ...gpus, memoryLimit: '64Gi' } }), 'memory of v3'),
    ).toBeUndefined()
  })

  it('say which settings mean nothing to them', () => {
    const deployment = plan({
      model: 'hf:a/b-7B',
      standby: true,
      logLevel: 'debug',
      deploy: { engine: 'vllm' },
    })
    expect(reasonOf(deployment, 'settings of b-7B')).toBe('omitted, since vllm has no flag for it: standby')
  })

  it.each<[ServiceDefinition, RegExp]>([
    [{ deploy: { engine: 'vllm' } }, /nano is a GGUF built into Hadal, which vllm does not serve/],
    [{ model: 'hf:a/b-7B-GGUF:Q8_0', deploy: { engine: 'sglang' } }, /sglang serves checkpoints, not GGUF/],
    [
      { model: 'hf:a/b-7B', chatTemplate: '{{ x }}', deploy: { engine: 'sglang' } },
      /SGLang accepts the name of a chat template/,
    ],
    [
      { model: 'hf:deepseek-ai/DeepSeek-V3', deploy: { engine: 'vllm' } },
      /641 GiB of weights need 56 GPUs of 16\.0 GiB/,
    ],
    [{ model: 'hf:a', deploy: { engine: 'vllm' } }, /after hf: an owner, a slash and a repository/],
    [
      { model: 'hf:a/b-7B', chatTemplate: 'chatml', deploy: { engine: 'vllm' } },
      /vLLM needs the source of a chat template/,
    ],
  ])('%j: %s', (values, issue) => expect(issuesOf(values)).toMatch(issue))
})

it('keeps llama.cpp in one node', () => {
  expect(
    issuesOf({ model: 'hf:a/b-405B-GGUF:Q8_0', deploy: { gpuLabelValues: ['nvidia-l4'], gpusPerNode: 16 } }),
  ).toMatch(/need 2 nodes, but llama\.cpp runs on one: use engine vllm or sglang/)
})

it('lets no model be larger than the memory that it computes in', () => {
  expect(issuesOf({ model: 'hf:a/b-70B-GGUF:Q8_0', deploy: { gpusPerReplica: 0 } })).toMatch(
    /70\.1 GiB of weights exceed memoryLimit \(32Gi\)/,
  )
})

describe('times', () => {
  const times = (deploy: ServiceDefinition['deploy'], coldStart?: DeploymentFacts['coldStart']) =>
    only(plan({ deploy: deploy! }, { modelBytes: { nano: 6e6 }, ...(coldStart && { coldStart }) })).times

  it('give a start three times what it was measured to take', () => {
    expect(times({ coldStartMillis: '2m' })).toMatchObject({
      probePeriodSeconds: 5,
      startupFailureThreshold: 72,
    })
    expect(times({ coldStartMillis: '2m' }, { model: 'nano', millis: 61_000 }).startupFailureThreshold).toBe(
      37,
    )
    expect(times({ coldStartMillis: '1ms' }).startupFailureThreshold).toBe(6)
  })

  it('give an end the longest request, the wait before it and a margin, in the engine and the gateway', () => {
    const deployment = plan({ deploy: { longestRequestMillis: '3m' } })
    for (const { times } of [deployment.gateway, only(deployment)])
      expect(times).toMatchObject({ preStopSeconds: 10, terminationGraceSeconds: 205 })
    for (const config of [deployment.gateway.config, only(deployment).config!])
      expect(readBack(config).drainTimeoutMillis).toBe(180_000)
  })

  it('respect drainTimeoutMillis when it is set', () => {
    const deployment = plan({ drainTimeoutMillis: '20s' })
    expect(deployment.gateway.times.terminationGraceSeconds).toBe(45)
  })

  it('explain how an unmeasured start time was estimated', () => {
    expect(reasonOf(plan({ model: 'hf:Qwen/Qwen3-8B-GGUF:Q4_K_M' }), 'start of Qwen3-8B-GGUF')).toBe(
      'at most 50 s: three times an estimate of 15.1 s (5 s plus loading the weights at 500 MB/s); `hadal bench coldstart` measures it',
    )
  })
})

describe('the gateway', () => {
  it.each<[ServiceDefinition, RegExp]>([
    [{ database: 'accounts.sqlite' }, /a SQLite file is local to one pod .* use PostgreSQL/],
    [
      { tlsCert: 'a.pem', tlsKey: 'b.pem' },
      /tlsCert and tlsKey would not be in the pod: TLS is terminated at the Ingress/,
    ],
    [{ privateMetrics: true }, /privateMetrics requires an administrator key/],
    [{ guard: { files: { classifier: 'mine.bin' } } }, /guard: mine\.bin would not be in the pod/],
    [
      { models: [{ id: 'a', upstream: { replicas: ['http://x'], headers: { 'x-key': 'k' } } }] as never },
      /the headers of a may contain secrets/,
    ],
    [
      { models: [{ id: 'a', upstream: { replicas: ['http://x'], apiKeyEnv: 'HADAL_KEY' } }] as never },
      /apiKeyEnv of a is not a valid pod variable name/,
    ],
    [
      {
        models: [
          { id: 'a', model: 'nano', adapters: [{ path: 'b.gguf' }] },
          { id: 'b', model: 'nano' },
        ] as never,
      },
      /two models or adapters have the id "b"/,
    ],
    [{ adminPort: 8080, port: 9000 }, /^ {2}adminPort: 8080 is the public port/m],
    [{ model: './detector.onnx', deploy: { modelBytes: 1e6 } }, /gateways do not forward to engines/],
    [
      { scaling: { autoscaler: 'keda' }, deploy: { monitoring: 'none' } },
      /scaling: KEDA scales by Prometheus metrics/,
    ],
    [
      { scaling: { autoscaler: 'keda' }, deploy: { monitoring: 'annotations' } },
      /its address is unknown: set deploy\.prometheusUrl/,
    ],
    [
      {
        models: [
          { id: 'far', upstream: { discover: { kubernetes: { service: 'vllm', namespace: 'other' } } } },
        ],
      },
      /far is in other: set discover\.dns and port/,
    ],
  ])('%j: %s', (values, issue) => expect(issuesOf(values)).toMatch(issue))

  it('takes a database from the Secret, and keeps usage where it may write', () => {
    const deployment = plan({ database: 'postgres://db/hadal' })
    expect(deployment.gateway.secrets).toEqual([
      { variable: 'HADAL_API_KEYS', key: 'api-keys', optional: true },
      { variable: 'HADAL_ADMIN_KEYS', key: 'admin-keys', optional: true },
      { variable: 'HADAL_DATABASE', key: 'database', optional: false },
    ])
    expect(deployment.gateway.config.journalDir).toBe('/var/lib/hadal/usage')
    expect(deployment.gateway.databasePort).toBe(5432)
    expect(plan({ database: 'postgres://db:6543/hadal' }).gateway.databasePort).toBe(6543)
  })

  it('has nothing of a database where there is none: neither a variable nor a port that is open', () => {
    const { secrets, databasePort } = plan({}).gateway
    expect(secrets.map(({ variable }) => variable)).toEqual(['HADAL_API_KEYS', 'HADAL_ADMIN_KEYS'])
    expect(databasePort).toBeUndefined()
  })

  it('takes a policy that has a secret from the Secret, as a whole', () => {
    const deployment = plan({ guard: { preset: 'strict', secret: 'salt' } })
    expect(deployment.gateway.config.guard).toBeUndefined()
    expect(deployment.gateway.secrets).toContainEqual({
      variable: 'HADAL_GUARD',
      key: 'guard',
      optional: false,
    })
  })

  it('writes its audit where it may', () => {
    const deployment = plan({ guard: { audit: { file: 'logs/audit.jsonl' } } })
    expect(deployment.gateway.config.guard).toMatchObject({
      audit: { file: '/var/lib/hadal/audit/audit.jsonl' },
    })
  })

  it('trusts the Ingress if there is one, unless trustProxy is set', () => {
    expect(plan({ deploy: { host: 'a.example.com' } }).gateway.config.trustProxy).toEqual(['private'])
    expect(
      plan({ trustProxy: ['10.1.2.3'], deploy: { host: 'a.example.com' } }).gateway.config.trustProxy,
    ).toEqual(['10.1.2.3'])
    expect(plan({}).gateway.config.trustProxy).toBeUndefined()
  })
})

it('asks the Prometheus that is named', () => {
  const prometheusUrl = 'http://prometheus.monitoring.svc:9090'
  expect(plan({ deploy: { prometheusUrl } }).monitoring).toMatchObject({ prometheusUrl })
  expect(plan({}).monitoring.prometheusUrl).toBeUndefined()
})

it('gives each upstream the key that is its own', () => {
  const upstream = { replicas: ['http://x'] }
  const { gateway } = plan({
    models: [
      { id: 'a b', upstream: { ...upstream, apiKey: 'one' } },
      { id: 'a-b', upstream: { ...upstream, apiKey: 'two' } },
      { id: 'c', upstream: { ...upstream, apiKeyEnv: 'API_KEYS' } },
      { id: 'd', upstream: { ...upstream, apiKeyEnv: 'API_KEYS' } },
    ] as never,
  })
  expect(gateway.secrets.slice(2)).toEqual([
    { variable: 'UPSTREAM_KEY_A_B', key: 'upstream-key-a-b', optional: false },
    { variable: 'UPSTREAM_KEY_A_B_2', key: 'upstream-key-a-b-2', optional: false },
    { variable: 'API_KEYS', key: 'upstream-api-keys', optional: false },
  ])
  const keys = readBack(gateway.config).models.map((each) => 'upstream' in each && each.upstream.apiKeyEnv)
  expect(keys).toEqual(['UPSTREAM_KEY_A_B', 'UPSTREAM_KEY_A_B_2', 'API_KEYS', 'API_KEYS'])
})

it.each(['vllm', 'sglang'] as const)('names the adapters of %s as gateways ask for them', (engine) => {
  const { gateway, engines } = plan({
    model: 'hf:Qwen/Qwen3-8B',
    adapters: [{ path: '/models/law/' }, { path: '/models/med.gguf' }],
    deploy: { engine, modelClaim: 'weights', gpuMemoryBytes: '80GiB' },
  } as never)
  const requested = readBack(gateway.config).models.map(({ id }) => id)
  expect(requested.slice(1)).toEqual(['law', 'med'])
  for (const id of requested.slice(1)) expect(engines[0]!.command.join(' ')).toContain(` ${id}=/models/${id}`)
})

describe('overlays', () => {
  it('are deployments of their own', () => {
    const { overlays, engines } = plan({
      deploy: { replicas: 3, overlays: { staging: { namespace: 'test', replicas: 1, autoscaler: 'hpa' } } },
    })
    expect(engines[0]).toMatchObject({ replicas: 3, isScaled: false })
    expect(overlays).toMatchObject([
      {
        name: 'staging',
        deployment: { namespace: 'test', overlays: [], engines: [{ replicas: 1, isScaled: true }] },
      },
    ])
  })

  it('report their own errors with their name, and shared errors once', () => {
    const message = issuesOf({
      privateMetrics: true,
      model: 'hf:a/b-70B-GGUF:Q8_0',
      deploy: { gpuLabelValues: ['nvidia-h100-80gb'], overlays: { small: { gpusPerReplica: 1 } } },
    })
    expect(message.split('\n')).toEqual([
      '2 errors keep this service from being deployed',
      expect.stringMatching(/^ {2}privateMetrics/),
      expect.stringMatching(
        /^ {2}overlay small: b-70B-GGUF: .*gpusPerReplica is 1\. Set it to 2 or remove it$/,
      ),
    ])
  })
})

it('makes the same of the same', () => {
  const values: ServiceDefinition = { deploy: { overlays: { a: { replicas: 2 } } } }
  expect(plan(values)).toEqual(plan(values))
})
