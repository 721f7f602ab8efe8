/** GPUs: nodes that have them are tainted, few and not to spare. */

import type { FactualRule, Found } from '../rule-facts.ts'
import { countOf, type Fields, fieldsAt, fieldsOf, listAt, valueAt } from './read/values.ts'
import { type Container, replicaRange, titled, type Workload, workloadsOf } from './read/workload.ts'

/** The taint that GPU nodes usually have is called after the resource. */
const taintOf = (resource: string): string =>
  resource.startsWith('nvidia.com/') ? 'nvidia.com/gpu' : resource

function tolerates(workload: Workload, taint: string): boolean {
  return listAt(workload.pod, 'tolerations').some((each) => {
    const { key, operator, effect } = fieldsOf(each)
    if (effect !== undefined && effect !== 'NoSchedule' && effect !== '') return false
    return key === taint || ((key === undefined || key === '') && operator === 'Exists')
  })
}

const missingGpuToleration: FactualRule = {
  id: 'missing_gpu_toleration',
  severity: 'harmful',
  what: 'pods that request GPUs but do not tolerate the taint of GPU nodes',
  why: 'GPU nodes are tainted to keep other pods away; without the toleration the pod stays Pending while GPUs are free.',
  *find(object) {
    for (const workload of workloadsOf(object)) {
      const { gpus, gpuResource, podPath } = workload
      if (gpuResource === undefined || gpus === 0) continue
      const taint = taintOf(gpuResource)
      if (tolerates(workload, taint)) continue
      yield {
        path: [...podPath, 'tolerations'],
        reason: `the pod requests ${gpus} ${gpuResource} but does not tolerate the taint ${taint}: it stays Pending if GPU nodes have it`,
        fix: `tolerations: [{ key: ${taint}, operator: Exists, effect: NoSchedule }]`,
      }
    }
  },
}

/** Names that people write for `nvidia.com/gpu`; others, such as `nvidia.com/gpu.shared`, are made by device plugins. */
const misspeltGpu =
  /^(nvidia(\.io|\.org)?\/gpus?|nvidia\.com\/(gpus|GPUs?|Gpu)|alpha\.kubernetes\.io\/nvidia-gpu)$/

const misspeltGpuResource: FactualRule = {
  id: 'misspelt_gpu_resource',
  severity: 'harmful',
  what: 'a GPU resource name that no device plugin provides',
  why: 'The API server accepts any name with a domain; no node offers it, and the pod stays Pending.',
  *find(object) {
    for (const { containers, initContainers } of workloadsOf(object))
      for (const { path, fields } of new Set([...containers, ...initContainers])) {
        const name = Object.keys(fieldsAt(fields, 'resources', 'limits')).find((each) =>
          misspeltGpu.test(each),
        )
        if (name === undefined) continue
        yield {
          path: [...path, 'resources', 'limits', name],
          reason: `no node offers ${name}: the device plugin names GPUs nvidia.com/gpu`,
          fix: `nvidia.com/gpu: ${String(valueAt(fields, 'resources', 'limits', name))}, also under requests if set there`,
        }
      }
  },
}

const unchosenGpuNodes: FactualRule = {
  id: 'unchosen_gpu_nodes',
  severity: 'advice',
  what: 'pods that request GPUs without selecting a GPU model',
  why: 'In a cluster with several GPU models the pod may get one with too little memory.',
  *find(object) {
    for (const { gpus, gpuResource, pod, podPath } of workloadsOf(object)) {
      if (
        gpus === 0 ||
        pod.nodeSelector !== undefined ||
        valueAt(pod, 'affinity', 'nodeAffinity') !== undefined
      )
        continue
      yield {
        path: [...podPath, 'affinity'],
        reason: `the pod requests ${gpus} ${gpuResource} of any model`,
        fix: 'nodeSelector: { nvidia.com/gpu.product: NVIDIA-L4 }, with the label and value of your nodes (kubectl get nodes --show-labels)',
      }
    }
  },
}

const surgeWithoutGpus: FactualRule = {
  id: 'surge_without_gpus',
  severity: 'harmful',
  what: 'rolling updates that need more GPUs than are free',
  why: 'The new pod waits for a GPU of the old one, and the old one waits for the new: Insufficient nvidia.com/gpu until ProgressDeadlineExceeded.',
  *find(object, context) {
    for (const workload of workloadsOf(object)) {
      if (workload.kind !== 'Deployment' || workload.gpus === 0) continue
      const strategy = fieldsAt(object.manifest, 'spec', 'strategy')
      if ((strategy.type ?? 'RollingUpdate') !== 'RollingUpdate') continue
      const said = fieldsAt(strategy, 'rollingUpdate')
      const { least, most } = replicaRange(workload, context)
      const steps = [least, most].map((replicas): Step => {
        const surge = countOf(said.maxSurge ?? '25%', replicas, Math.ceil) ?? 0
        const lowered = countOf(said.maxUnavailable ?? '25%', replicas, Math.floor) ?? 0
        return { replicas, surge, lowered, free: context.freeGpus }
      })
      const short = steps.filter(
        ({ surge, free }) => surge > 0 && (free === undefined || free < surge * workload.gpus),
      )
      const worst = short.find(({ lowered }) => lowered === 0) ?? short.at(-1)
      if (worst !== undefined) yield surgeFound(workload, worst, said)
    }
  },
}

/** A rolling update at one number of replicas. */
interface Step {
  readonly replicas: number
  readonly surge: number
  readonly lowered: number
  readonly free: number | undefined
}

function surgeFound(
  { gpus, gpuResource }: Workload,
  { surge, lowered, replicas, free }: Step,
  said: Fields,
): Found {
  const needed = surge * gpus
  const isDefault = said.maxSurge === undefined
  const field = isDefault ? [] : ['rollingUpdate', 'maxSurge']
  const what = `maxSurge ${surge}${isDefault ? ' (25 % by default)' : ''} of ${replicas} replica${replicas === 1 ? '' : 's'} needs ${needed} more ${gpuResource}`
  const known =
    free === undefined ? 'the number of free GPUs is unknown' : `${free} ${free === 1 ? 'is' : 'are'} free`
  const course =
    lowered === 0
      ? 'and with maxUnavailable 0 no old pod frees one: without spare GPUs the rollout never completes'
      : `and ${lowered} old pod${lowered === 1 ? '' : 's'} may be stopped first`
  return {
    path: ['spec', 'strategy', ...field],
    reason: `${what}; ${known}, ${course}`,
    fix: 'strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }, or type: Recreate; if GPUs are free, pass --free-gpus N',
    ...(free === undefined && lowered > 0 ? { severity: 'advice' as const } : {}),
  }
}

const gpuOfInitContainer: FactualRule = {
  id: 'gpu_of_init_container',
  severity: 'advice',
  what: 'GPUs requested only by an init container',
  why: 'The pod holds them for its whole life, and the main container cannot use them.',
  *find(object) {
    for (const workload of workloadsOf(object)) {
      const { gpuResource, containers, initContainers } = workload
      if (gpuResource === undefined) continue
      const asks = ({ fields }: Container) =>
        valueAt(fields, 'resources', 'limits', gpuResource) !== undefined
      const init = initContainers.find(asks)
      if (init === undefined || containers.some(asks)) continue
      yield {
        path: [...init.path, 'resources', 'limits', gpuResource],
        reason: `${titled(workload)} holds ${gpuResource} only for its init container ${init.name}`,
        fix: `Move ${gpuResource} to the limits of the container that uses it.`,
      }
    }
  },
}

export const gpuRules: readonly FactualRule[] = [
  missingGpuToleration,
  misspeltGpuResource,
  unchosenGpuNodes,
  surgeWithoutGpus,
  gpuOfInitContainer,
]
