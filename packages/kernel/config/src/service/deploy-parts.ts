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
  expected: 'an object of overlays by name, each with its overrides',
  read: asJson,
  show: (given) => Object.keys(given).join(','),
}

export const deployParts: PartsTable<Deploy> = {
  name: { kind: dnsName, default: 'hadal', doc: 'Name prefix of all objects in the cluster.' },
  namespace: { kind: dnsName, default: 'hadal', doc: 'Kubernetes namespace.' },
  engine: {
    kind: oneOf('llama', 'vllm', 'sglang'),
    default: 'llama',
    doc: 'Inference engine: the embedded llama.cpp, vLLM or SGLang.',
  },
  image: {
    kind: optional(image),
    default: undefined,
    defaultDoc: '`hadal` of this version',
    doc: 'Image of the gateway and of the embedded engine, with its tag or digest.',
  },
  engineImage: {
    kind: optional(image),
    default: undefined,
    defaultDoc: 'a pinned release',
    doc: 'Image of vLLM or SGLang.',
  },
  imagePullSecret: {
    kind: optional(objectName),
    default: undefined,
    doc: 'Name of the image pull secret.',
  },
  replicas: { kind: wholeNumber(0, 10_000), default: 1, doc: 'Number of engines without autoscaling.' },
  gatewayReplicas: { kind: wholeNumber(1, 1000), default: 2, doc: 'Number of gateways.' },
  gpusPerReplica: {
    kind: optional(wholeNumber(0, 1024)),
    default: undefined,
    defaultDoc: 'the number the model needs, at least 1',
    doc: 'GPUs per engine; 0 uses CPUs. More than a node provides creates a group of nodes (LeaderWorkerSet).',
  },
  gpuMemoryBytes: {
    kind: optional(bytes),
    default: undefined,
    defaultDoc: 'from the values of `gpuLabel` if they name a known GPU, otherwise 16GiB',
    doc: 'Memory per GPU.',
  },
  gpusPerNode: { kind: wholeNumber(1, 64), default: 8, doc: 'GPUs per node.' },
  gpuLabel: {
    kind: labelKey,
    default: 'nvidia.com/gpu.present',
    doc: 'Node label of the preferred GPUs, such as `accelerator`.',
  },
  gpuLabelValues: {
    kind: labelValues,
    default: ['true'],
    doc: 'Values of the label, such as `nvidia-tesla-t4`.',
  },
  gpuTaint: {
    kind: labelKey,
    default: 'nvidia.com/gpu',
    doc: 'Taint key of GPU nodes, tolerated by engines.',
  },
  cpuRequest: { kind: quantity, default: '4', doc: 'CPU request of an engine.' },
  memoryRequest: { kind: quantity, default: '16Gi', doc: 'Memory request of an engine.' },
  cpuLimit: { kind: quantity, default: '8', doc: 'CPU limit of an engine.' },
  memoryLimit: { kind: quantity, default: '32Gi', doc: 'Memory limit of an engine; it is killed above it.' },
  modelStorage: {
    kind: optional(oneOf('image', 'download', 'claim')),
    default: undefined,
    defaultDoc: '`image` for bundled models, `claim` for paths, otherwise `download`',
    doc: 'Source of the weights: the image, a download before the engine starts, or an existing volume.',
  },
  modelClaim: {
    kind: optional(objectName),
    default: undefined,
    defaultDoc: 'one is made',
    doc: 'Name of an existing PersistentVolumeClaim.',
  },
  modelBytes: {
    kind: optional(bytes),
    default: undefined,
    defaultDoc: 'size of the local file, otherwise estimated from the model’s name',
    doc: 'Size of the weights. Determines GPUs, volumes and the startup time.',
  },
  storageClass: {
    kind: optional(objectName),
    default: undefined,
    defaultDoc: 'the cluster’s',
    doc: 'Storage class of created volumes.',
  },
  secretName: {
    kind: optional(objectName),
    default: undefined,
    defaultDoc: '`NAME-secrets`',
    doc: 'Name of the Secret with keys and passwords. It is referenced, never written.',
  },
  coldStartMillis: {
    kind: optional(millis),
    default: undefined,
    defaultDoc: 'estimated from `modelBytes`',
    doc: 'Measured startup time (`hadal bench coldstart`). Startup probes allow three times as long.',
  },
  longestRequestMillis: {
    kind: millis,
    default: 600_000,
    defaultDoc: '10m',
    doc: 'Maximum time for a terminating pod to finish its requests.',
  },
  monitoring: {
    kind: oneOf('operator', 'annotations', 'none'),
    default: 'operator',
    doc: 'Prometheus discovery: the operator’s ServiceMonitor and PrometheusRule, pod annotations, or none.',
  },
  monitoringNamespace: {
    kind: dnsName,
    default: 'monitoring',
    doc: 'Namespace allowed to scrape metrics.',
  },
  prometheusUrl: {
    kind: optional(httpUrl),
    default: undefined,
    defaultDoc: '`http://prometheus-operated.MONITORINGNAMESPACE.svc:9090`, the operator’s own',
    doc: 'Prometheus URL for KEDA.',
  },
  monitoringLabels: {
    kind: labels,
    default: {},
    defaultDoc: 'none',
    doc: 'Labels that the operator and Grafana select objects by, such as `release`.',
  },
  host: {
    kind: optional(hostName),
    default: undefined,
    doc: 'Host name of the Ingress to the gateway; if unset, no Ingress is created.',
  },
  overlays: {
    kind: overlayEntries,
    default: {},
    defaultDoc: 'none',
    doc: 'Kustomize overlays by name, each with overrides of `deploy` and `scaling`: `{ staging: { replicas: 1 } }`.',
  },
}
