/** The parts of the `deploy` setting: how a service runs in a cluster. */

import { z } from 'zod'
import { bytes, type Kind, millis, oneOf, optional, wholeNumber } from '../kinds.ts'
import { asJson, type PartsTable } from '../parts.ts'
import {
  dnsName,
  hostName,
  httpUrl,
  image,
  labelKey,
  labels,
  labelValues,
  objectName,
  quantity,
} from './deploy-kinds.ts'

export interface Deploy {
  readonly name: string
  readonly namespace: string
  readonly engine: 'llama' | 'vllm' | 'sglang'
  readonly image: string | undefined
  readonly engineImage: string | undefined
  readonly imagePullSecret: string | undefined
  readonly replicas: number
  readonly gatewayReplicas: number
  readonly gpusPerReplica: number | undefined
  readonly gpuMemoryBytes: number | undefined
  readonly gpusPerNode: number
  readonly gpuLabel: string
  readonly gpuLabelValues: readonly string[]
  readonly gpuTaint: string
  readonly cpuRequest: string
  readonly memoryRequest: string
  readonly cpuLimit: string
  readonly memoryLimit: string
  readonly modelStorage: 'image' | 'download' | 'claim' | undefined
  readonly modelClaim: string | undefined
  readonly modelBytes: number | undefined
  readonly storageClass: string | undefined
  readonly secretName: string | undefined
  readonly coldStartMillis: number | undefined
  readonly longestRequestMillis: number
  readonly monitoring: 'operator' | 'annotations' | 'none'
  readonly monitoringNamespace: string
  readonly prometheusUrl: string | undefined
  readonly monitoringLabels: Readonly<Record<string, string>>
  readonly host: string | undefined
  readonly overlays: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

const overlayEntries: Kind<Deploy['overlays']> = {
  schema: z.record(z.string().regex(/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/), z.record(z.string(), z.unknown())),
  expected: 'an object of overlays by name, each with what is otherwise there',
  read: asJson,
  show: (given) => Object.keys(given).join(','),
}

export const deployParts: PartsTable<Deploy> = {
  name: { kind: dnsName, default: 'hadal', doc: 'What everything in the cluster is called after.' },
  namespace: { kind: dnsName, default: 'hadal', doc: 'The namespace it stands in.' },
  engine: {
    kind: oneOf('llama', 'vllm', 'sglang'),
    default: 'llama',
    doc: 'Who computes: the embedded llama.cpp, vLLM or SGLang.',
  },
  image: {
    kind: optional(image),
    default: undefined,
    defaultDoc: '`hadal` of this version',
    doc: 'The image of the gateway and of the embedded engine, with its tag or digest.',
  },
  engineImage: {
    kind: optional(image),
    default: undefined,
    defaultDoc: 'a pinned release',
    doc: 'The image of vLLM or SGLang.',
  },
  imagePullSecret: {
    kind: optional(objectName),
    default: undefined,
    doc: 'Name of the secret with the registry’s credentials.',
  },
  replicas: { kind: wholeNumber(0, 10_000), default: 1, doc: 'Engines, where nothing scales them.' },
  gatewayReplicas: { kind: wholeNumber(1, 1000), default: 2, doc: 'Gateways in front of them.' },
  gpusPerReplica: {
    kind: optional(wholeNumber(0, 1024)),
    default: undefined,
    defaultDoc: 'as many as the model needs, at least 1',
    doc: 'GPUs of each engine; 0 computes on CPUs. More than a node has makes a group of nodes (LeaderWorkerSet).',
  },
  gpuMemoryBytes: {
    kind: optional(bytes),
    default: undefined,
    defaultDoc: 'by the values of `gpuLabel` where they name a known GPU, else 16GiB',
    doc: 'Memory of one GPU.',
  },
  gpusPerNode: { kind: wholeNumber(1, 64), default: 8, doc: 'GPUs that one node has.' },
  gpuLabel: {
    kind: labelKey,
    default: 'nvidia.com/gpu.present',
    doc: 'Label of nodes with GPUs that engines prefer, such as `accelerator`.',
  },
  gpuLabelValues: {
    kind: labelValues,
    default: ['true'],
    doc: 'Its values, such as `nvidia-tesla-t4`.',
  },
  gpuTaint: {
    kind: labelKey,
    default: 'nvidia.com/gpu',
    doc: 'Key of the taint of such nodes, which engines tolerate.',
  },
  cpuRequest: { kind: quantity, default: '4', doc: 'CPU that an engine is promised.' },
  memoryRequest: { kind: quantity, default: '16Gi', doc: 'Memory that an engine is promised.' },
  cpuLimit: { kind: quantity, default: '8', doc: 'CPU that an engine may use.' },
  memoryLimit: { kind: quantity, default: '32Gi', doc: 'Memory beyond which an engine is killed.' },
  modelStorage: {
    kind: optional(oneOf('image', 'download', 'claim')),
    default: undefined,
    defaultDoc: '`image` for bundled models, `claim` for paths, else `download`',
    doc: 'Where weights come from: the image, a download before the engine starts, or a volume that has them.',
  },
  modelClaim: {
    kind: optional(objectName),
    default: undefined,
    defaultDoc: 'one is made',
    doc: 'Name of a PersistentVolumeClaim that is there already.',
  },
  modelBytes: {
    kind: optional(bytes),
    default: undefined,
    defaultDoc: 'of the file where it is here, else by the model’s name',
    doc: 'Size of the weights: decides about GPUs, volumes and the time for a start.',
  },
  storageClass: {
    kind: optional(objectName),
    default: undefined,
    defaultDoc: 'the cluster’s',
    doc: 'Of volumes that are made.',
  },
  secretName: {
    kind: optional(objectName),
    default: undefined,
    defaultDoc: '`NAME-secrets`',
    doc: 'Name of the Secret with keys and passwords. It is referred to and never written.',
  },
  coldStartMillis: {
    kind: optional(millis),
    default: undefined,
    defaultDoc: 'estimated from `modelBytes`',
    doc: 'What a start took where it was measured (`hadal bench coldstart`); probes give it three times as long.',
  },
  longestRequestMillis: {
    kind: millis,
    default: 600_000,
    defaultDoc: '10m',
    doc: 'The longest request that a pod which is to end may still answer.',
  },
  monitoring: {
    kind: oneOf('operator', 'annotations', 'none'),
    default: 'operator',
    doc: 'How Prometheus finds the service: the operator’s ServiceMonitor and PrometheusRule, annotations of pods, or not at all.',
  },
  monitoringNamespace: {
    kind: dnsName,
    default: 'monitoring',
    doc: 'Namespace from which metrics may be scraped.',
  },
  prometheusUrl: {
    kind: optional(httpUrl),
    default: undefined,
    defaultDoc: '`http://prometheus-operated.MONITORINGNAMESPACE.svc:9090`, the operator’s own',
    doc: 'Where KEDA asks for metrics.',
  },
  monitoringLabels: {
    kind: labels,
    default: {},
    defaultDoc: 'none',
    doc: 'Labels by which the operator and Grafana choose what they read, such as `release`.',
  },
  host: {
    kind: optional(hostName),
    default: undefined,
    doc: 'Host name of an Ingress to the gateway; without one there is none.',
  },
  overlays: {
    kind: overlayEntries,
    default: {},
    defaultDoc: 'none',
    doc: 'Kustomize overlays by name, each with parts of `deploy` and `scaling` that are otherwise there: `{ staging: { replicas: 1 } }`.',
  },
}
