/** The pod of an engine: of llama.cpp in the image of Hadal, or of vLLM or SGLang in theirs. */

import type { Deployment, EnginePlan } from '../deployment/deployment.ts'
import { engineAccountName } from './access.ts'
import { configFolder, configMapName } from './config-map.ts'
import { drainOfOthers, type Role } from './engine-drain.ts'
import { engineVolumes } from './engine-volumes.ts'
import { engineLabelsOf, engineSelectorOf, type Labels } from './labels.ts'
import {
  containerBase,
  drain,
  type Part,
  podBase,
  probes,
  scrapeAnnotations,
  secretVariables,
  spread,
  stateFolder,
} from './pod.ts'

export function enginePodTemplate(
  deployment: Deployment,
  engine: EnginePlan,
  { role = 'leader', labels = {} }: { readonly role?: Role; readonly labels?: Labels } = {},
): Part {
  const { volumes } = engineVolumes(engine)
  const config =
    engine.config === undefined
      ? []
      : [{ name: 'config', configMap: { name: configMapName(engine.name, engine.config) } }]
  return {
    metadata: {
      labels: { ...engineLabelsOf(deployment, engine), ...labels },
      ...(role === 'leader' && scrapeAnnotations(deployment, engine.port)),
    },
    spec: {
      ...podBase(deployment, engineAccountName(deployment), engine.times),
      automountServiceAccountToken: false,
      ...(engine.gpus > 0 && gpuPlacement(engine)),
      // The pods of a group are better near each other.
      ...(engine.nodes === 1 && spread(engineSelectorOf(deployment, engine))),
      ...(engine.model.download !== undefined && { initContainers: [downloadContainer(deployment, engine)] }),
      containers: [engineContainer(deployment, engine, role)],
      volumes: [...config, ...volumes],
    },
  }
}

/** Nodes with the right GPUs are preferred: they are required by asking for GPUs. */
function gpuPlacement({ gpuNodes }: EnginePlan): Part {
  const { label, values, taint } = gpuNodes
  const matchExpressions = [{ key: label, operator: 'In', values }]
  return {
    tolerations: [{ key: taint, operator: 'Exists', effect: 'NoSchedule' }],
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: { matchExpressions } }],
      },
    },
  }
}

function engineContainer(deployment: Deployment, engine: EnginePlan, role: Role): Part {
  const { kind, times, config, workerCommand } = engine
  const paths =
    kind === 'llama'
      ? { startup: '/ready', ready: '/ready', live: '/livez' }
      : { startup: '/health', ready: '/health', live: '/health' }
  const isLeader = role === 'leader'
  return {
    name: 'engine',
    image: engine.image,
    ...containerBase,
    command: isLeader ? engine.command : (workerCommand ?? engine.command),
    // Workers serve no requests.
    ...(isLeader && { ports: [{ name: 'http', containerPort: engine.port }] }),
    env: engineVariables(deployment, engine),
    resources: engine.resources,
    ...(isLeader && probes(paths, times)),
    ...(kind === 'llama' ? drain(times) : drainOfOthers(engine, role)),
    volumeMounts: [
      ...(config === undefined ? [] : [{ name: 'config', mountPath: configFolder, readOnly: true }]),
      ...engineVolumes(engine).mounts,
    ],
  }
}

function engineVariables({ secretName }: Deployment, engine: EnginePlan): readonly Part[] {
  const { kind, model, nodes, secrets } = engine
  const downloads = model.storage === 'download' && model.download === undefined
  return [
    ...homeVariables(engine),
    ...(kind === 'llama' || downloads ? [] : [{ name: 'HF_HUB_OFFLINE', value: '1' }]),
    ...(kind === 'vllm' ? [{ name: 'VLLM_NO_USAGE_STATS', value: '1' }] : []),
    // Else /health computes an answer, which a busy engine has no time for: it would be taken out, and then killed.
    ...(kind === 'sglang' ? [{ name: 'SGLANG_ENABLE_HEALTH_ENDPOINT_GENERATION', value: 'false' }] : []),
    // With several addresses vLLM takes the wrong one for its group.
    ...(kind === 'vllm' && nodes > 1
      ? [{ name: 'VLLM_HOST_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }]
      : []),
    // What a download before the start needs, the engine need not know.
    ...secretVariables(
      model.download === undefined ? secrets : secrets.filter((secret) => !isOfHub(secret)),
      secretName,
    ),
  ]
}

/** Caches of vLLM, SGLang and PyTorch are there, too; PyTorch looks for its user's name, which has no entry in the image's passwd. */
const homeVariables = ({ kind }: EnginePlan): readonly Part[] => [
  { name: 'HOME', value: stateFolder },
  ...(kind === 'llama' ? [] : [{ name: 'USER', value: 'hadal' }]),
]

const isOfHub = ({ variable }: { readonly variable: string }): boolean => variable.startsWith('HF_')

function downloadContainer({ secretName }: Deployment, engine: EnginePlan): Part {
  const { image, command } = engine.model.download!
  return {
    name: 'download-weights',
    image,
    ...containerBase,
    command,
    env: [...homeVariables(engine), ...secretVariables(engine.secrets.filter(isOfHub), secretName)],
    resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { cpu: '2', memory: '4Gi' } },
    volumeMounts: engineVolumes(engine).downloadMounts,
  }
}
