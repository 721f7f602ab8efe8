/**
 * The deployments of the three golden services, written by hand: what parts are tested with that render them. A test
 * compares them with what `planDeployment` makes of tests/golden/deploy.
 */

import type { Deployment, EnginePlan, GatewayPlan } from '@hadal/fleet'

const image = 'hadal:0.1.0'
const configPath = '/etc/hadal/hadal.config.json'

const slo: Deployment['slo'] = {
  availability: 0.999,
  latencyMillis: 500,
  latencyShare: 0.99,
  ttftMillis: undefined,
  maxBacklog: 10,
  windowDays: 30,
}
const scaling: Deployment['scaling'] = {
  autoscaler: 'none',
  minReplicas: 1,
  maxReplicas: 4,
  gpuHighPercent: 70,
  gpuLowPercent: 30,
  gpuLowForMillis: 300_000,
  backlogPerReplica: 10,
  latencyForMillis: 60_000,
  upCooldownMillis: 15_000,
  downCooldownMillis: 300_000,
  staleAfterMillis: 120_000,
  checkIntervalMillis: 15_000,
  predict: 'none',
  scaleToZero: false,
}
const monitor: Deployment['monitor'] = {
  receivers: [],
  smtp: undefined,
  runbookUrl: 'runbooks',
  scrapeIntervalMillis: 15_000,
  evaluationIntervalMillis: 15_000,
  groupWaitMillis: 30_000,
  groupIntervalMillis: 300_000,
  repeatPageMillis: 3_600_000,
  repeatTicketMillis: 86_400_000,
  gpuPodLabel: 'exported_pod',
}
const gatewaySecrets: GatewayPlan['secrets'] = [
  { variable: 'HADAL_API_KEYS', key: 'api-keys', optional: false },
  { variable: 'HADAL_ADMIN_KEYS', key: 'admin-keys', optional: true },
]
const gatewayResources: GatewayPlan['resources'] = {
  requests: { cpu: '500m', memory: '512Mi' },
  limits: { cpu: '2', memory: '2Gi' },
}

const laptopEngine: EnginePlan = {
  name: 'hadal-engine',
  modelId: 'nano',
  kind: 'llama',
  image,
  port: 8080,
  replicas: 1,
  isScaled: false,
  gpus: 0,
  gpusPerNode: 0,
  nodes: 1,
  tensorParallel: 1,
  pipelineParallel: 1,
  command: ['hadal', 'serve', '--config', configPath],
  workerCommand: undefined,
  config: {
    model: 'nano',
    modelId: 'nano',
    maxBatchSize: 4,
    threads: 2,
    host: '0.0.0.0',
    port: 8080,
    allowKeyless: true,
    guard: 'off',
    drainTimeoutMillis: 60_000,
    logFormat: 'json',
  },
  secrets: [],
  resources: { requests: { cpu: '500m', memory: '512Mi' }, limits: { cpu: '2', memory: '2Gi' } },
  times: {
    probePeriodSeconds: 5,
    startupFailureThreshold: 6,
    preStopSeconds: 10,
    terminationGraceSeconds: 85,
  },
  model: {
    ref: 'nano',
    storage: 'image',
    source: undefined,
    download: undefined,
    mountPath: '/models',
    claim: '',
    makesClaim: false,
    storageClass: undefined,
    bytes: 6_273_824,
  },
  gpuNodes: {
    label: 'nvidia.com/gpu.present',
    values: ['true'],
    taint: 'nvidia.com/gpu',
    resource: 'nvidia.com/gpu',
  },
  rollout: 'surge',
}

/** Processors alone, and the bundled model. */
export const laptop: Deployment = {
  name: 'hadal',
  namespace: 'hadal',
  version: '0.1.0',
  gateway: {
    name: 'hadal-gateway',
    image,
    replicas: 1,
    port: 8080,
    config: {
      host: '0.0.0.0',
      port: 8080,
      drainTimeoutMillis: 60_000,
      logFormat: 'json',
      models: [
        {
          id: 'nano',
          upstream: {
            discover: { kubernetes: { service: 'hadal-engine', port: 'http' } },
            healthPath: '/ready',
            answerTimeoutMillis: 60_000,
            model: 'nano',
          },
        },
      ],
    },
    secrets: gatewaySecrets,
    resources: gatewayResources,
    times: {
      probePeriodSeconds: 5,
      startupFailureThreshold: 6,
      preStopSeconds: 10,
      terminationGraceSeconds: 85,
    },
  },
  engines: [laptopEngine],
  slo: { ...slo, latencyMillis: 2000 },
  scaling,
  monitor,
  monitoring: { how: 'annotations', namespace: 'monitoring', labels: {} },
  imagePullSecret: undefined,
  secretName: 'hadal-secrets',
  host: undefined,
  overlays: [],
  reasons: [{ what: 'engine', why: 'nano is computed by llama.cpp in the image of Hadal' }],
}

const gpuNodeGateway: GatewayPlan = {
  ...laptop.gateway,
  replicas: 2,
  config: {
    host: '0.0.0.0',
    port: 8080,
    guard: { preset: 'strict' },
    trustProxy: ['private'],
    drainTimeoutMillis: 300_000,
    logFormat: 'json',
    models: [
      {
        id: 'qwen3-8b',
        upstream: {
          discover: { kubernetes: { service: 'hadal-engine', port: 'http' } },
          healthPath: '/ready',
          answerTimeoutMillis: 300_000,
          model: 'qwen3-8b',
        },
      },
    ],
  },
  times: { ...laptop.gateway.times, terminationGraceSeconds: 325 },
}

const gpuNodeBase: Deployment = {
  ...laptop,
  gateway: gpuNodeGateway,
  engines: [
    {
      ...laptopEngine,
      modelId: 'qwen3-8b',
      gpus: 1,
      gpusPerNode: 1,
      config: {
        model: 'hf:Qwen/Qwen3-8B-GGUF:Q4_K_M',
        modelId: 'qwen3-8b',
        contextLength: 8192,
        cacheDir: '/models',
        offline: true,
        host: '0.0.0.0',
        port: 8080,
        allowKeyless: true,
        guard: 'off',
        drainTimeoutMillis: 300_000,
        logFormat: 'json',
      },
      secrets: [{ variable: 'HF_TOKEN', key: 'hf-token', optional: true }],
      resources: {
        requests: { cpu: '4', memory: '16Gi' },
        limits: { cpu: '8', memory: '32Gi', 'nvidia.com/gpu': '1' },
      },
      times: {
        probePeriodSeconds: 5,
        startupFailureThreshold: 10,
        preStopSeconds: 10,
        terminationGraceSeconds: 325,
      },
      model: {
        ref: 'hf:Qwen/Qwen3-8B-GGUF:Q4_K_M',
        storage: 'download',
        source: 'hf:Qwen/Qwen3-8B-GGUF:Q4_K_M',
        download: {
          image,
          command: ['hadal', 'models', 'pull', 'hf:Qwen/Qwen3-8B-GGUF:Q4_K_M', '--cache-dir', '/models'],
        },
        mountPath: '/models',
        claim: '',
        makesClaim: false,
        storageClass: undefined,
        bytes: 5_067_562_500,
      },
      gpuNodes: {
        label: 'accelerator',
        values: ['nvidia-tesla-t4'],
        taint: 'nvidia.com/gpu',
        resource: 'nvidia.com/gpu',
      },
      rollout: 'inPlace',
    },
  ],
  slo: { ...slo, isDefault: true },
  monitoring: { how: 'operator', namespace: 'monitoring', labels: { release: 'prometheus' } },
  host: 'chat.example.com',
  reasons: [{ what: 'GPUs', why: '1 (5.0 GB of weights in a GPU of 16 GiB, nvidia-tesla-t4)' }],
}

/** One node with one GPU: nothing to spare for a rollout. */
export const gpuNode: Deployment = {
  ...gpuNodeBase,
  overlays: [
    {
      name: 'staging',
      deployment: {
        ...gpuNodeBase,
        namespace: 'hadal-staging',
        gateway: { ...gpuNodeGateway, replicas: 1 },
        host: 'staging.chat.example.com',
      },
    },
  ],
}

const deepseekGateway: GatewayPlan = {
  ...laptop.gateway,
  name: 'deepseek-gateway',
  replicas: 3,
  config: {
    host: '0.0.0.0',
    port: 8080,
    drainTimeoutMillis: 600_000,
    logFormat: 'json',
    models: [
      {
        id: 'deepseek-v3',
        fallbacks: ['deepseek-api'],
        upstream: {
          discover: { kubernetes: { service: 'deepseek-engine', port: 'http' } },
          healthPath: '/health',
          answerTimeoutMillis: 600_000,
          model: 'deepseek-v3',
        },
      },
      {
        id: 'deepseek-api',
        upstream: {
          replicas: ['https://api.deepseek.com'],
          model: 'deepseek-chat',
          apiKeyEnv: 'DEEPSEEK_API_KEY',
          healthPath: null,
        },
      },
    ],
  },
  secrets: [...gatewaySecrets, { variable: 'DEEPSEEK_API_KEY', key: 'deepseek-api-key', optional: false }],
  times: { ...laptop.gateway.times, terminationGraceSeconds: 625 },
}

const deepseekBase: Deployment = {
  ...laptop,
  name: 'deepseek',
  namespace: 'models',
  gateway: deepseekGateway,
  engines: [
    {
      ...laptopEngine,
      name: 'deepseek-engine',
      modelId: 'deepseek-v3',
      kind: 'vllm',
      image: 'vllm/vllm-openai:v0.24.0',
      port: 8000,
      isScaled: true,
      gpus: 8,
      gpusPerNode: 8,
      tensorParallel: 8,
      command: [
        ...['vllm', 'serve', '/models/deepseek-ai/DeepSeek-V3', '--served-model-name', 'deepseek-v3'],
        ...['--tensor-parallel-size', '8', '--gpu-memory-utilization', '0.9', '--max-model-len', '32768'],
        ...['--host', '0.0.0.0', '--port', '8000', '--shutdown-timeout', '600'],
      ],
      config: undefined,
      resources: {
        requests: { cpu: '32', memory: '256Gi' },
        limits: { cpu: '64', memory: '512Gi', 'nvidia.com/gpu': '8' },
      },
      times: {
        probePeriodSeconds: 5,
        startupFailureThreshold: 288,
        preStopSeconds: 10,
        terminationGraceSeconds: 625,
      },
      secrets: [{ variable: 'HF_TOKEN', key: 'hf-token', optional: true }],
      model: {
        ref: '/models/deepseek-ai/DeepSeek-V3',
        storage: 'download',
        source: 'hf:deepseek-ai/DeepSeek-V3',
        download: {
          image: 'vllm/vllm-openai:v0.24.0',
          command: [
            ...['hf', 'download', 'deepseek-ai/DeepSeek-V3'],
            ...['--local-dir', '/models/deepseek-ai/DeepSeek-V3'],
            ...['--exclude', 'original/*'],
          ],
        },
        mountPath: '/models',
        claim: '',
        makesClaim: false,
        storageClass: undefined,
        bytes: 688_778_125_000,
      },
      gpuNodes: {
        label: 'nvidia.com/gpu.product',
        values: ['NVIDIA-H200'],
        taint: 'nvidia.com/gpu',
        resource: 'nvidia.com/gpu',
      },
      rollout: 'inPlace',
    },
  ],
  slo: { ...slo, latencyMillis: 30_000, ttftMillis: 2000, maxBacklog: 20 },
  scaling: { ...scaling, autoscaler: 'keda', backlogPerReplica: 8 },
  monitoring: { how: 'operator', namespace: 'monitoring', labels: { release: 'kube-prometheus-stack' } },
  secretName: 'deepseek-secrets',
  reasons: [{ what: 'tensor parallel', why: '8 (688.6 GB of weights in GPUs of 141 GB)' }],
}

/** vLLM on nodes of eight GPUs, as many as KEDA says. */
export const vllm8gpu: Deployment = {
  ...deepseekBase,
  overlays: [
    {
      name: 'staging',
      deployment: {
        ...deepseekBase,
        namespace: 'models-staging',
        gateway: { ...deepseekGateway, replicas: 1 },
        engines: deepseekBase.engines.map((engine) => ({ ...engine, isScaled: false })),
        scaling: { ...deepseekBase.scaling, autoscaler: 'none' },
      },
    },
  ],
}
