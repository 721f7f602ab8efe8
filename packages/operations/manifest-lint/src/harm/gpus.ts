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
  what: 'pods that ask for GPUs and do not tolerate the taint of GPU nodes',
  why: 'GPU nodes are tainted so that other pods stay away; without the toleration the pod stays Pending beside free GPUs.',
  *find(object) {
    for (const workload of workloadsOf(object)) {
      const { gpus, gpuResource, podPath } = workload
      if (gpuResource === undefined || gpus === 0) continue
      const taint = taintOf(gpuResource)
      if (tolerates(workload, taint)) continue
      yield {
        path: [...podPath, 'tolerations'],
        reason: `the pod asks for ${gpus} ${gpuResource} and does not tolerate the taint ${taint}: it stays Pending where GPU nodes have it`,
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
  what: 'a GPU resource under a name that no device plugin has',
  why: 'The API server takes any name with a domain; no node offers it, and the pod stays Pending.',
  *find(object) {
    for (const { containers, initContainers } of workloadsOf(object))
      for (const { path, fields } of new Set([...containers, ...initContainers])) {
        const name = Object.keys(fieldsAt(fields, 'resources', 'limits')).find((each) =>
          misspeltGpu.test(each),
        )
        if (name === undefined) continue
        yield {
          path: [...path, 'resources', 'limits', name],
          reason: `no node has ${name}: the device plugin calls GPUs nvidia.com/gpu`,
          fix: `nvidia.com/gpu: ${String(valueAt(fields, 'resources', 'limits', name))}, under requests as well if they are there`,
        }
      }
  },
}

const unchosenGpuNodes: FactualRule = {
  id: 'unchosen_gpu_nodes',
  severity: 'advice',
  what: 'pods that ask for GPUs and say nothing of the kind',
  why: 'A cluster with several kinds of GPUs may give it one with too little memory.',
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
        reason: `the pod asks for ${gpus} ${gpuResource} of any kind`,
        fix: 'nodeSelector: { nvidia.com/gpu.product: NVIDIA-L4 }, with the label and value that your nodes have (kubectl get nodes --show-labels)',
      }
    }
  },
}

const surgeWithoutGpus: FactualRule = {
  id: 'surge_without_gpus',
  severity: 'harmful',
  what: 'rolling updates that need more GPUs than there are to spare',
  why: 'The new pod waits for a GPU that the old one holds, and the old one waits for the new: Insufficient nvidia.com/gpu until ProgressDeadlineExceeded.',
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
    free === undefined ? 'how many are free is not known' : `${free} ${free === 1 ? 'is' : 'are'} free`
  const course =
    lowered === 0
      ? 'and with maxUnavailable 0 no old pod makes room: without spare GPUs the rollout never ends'
      : `and ${lowered} old pod${lowered === 1 ? '' : 's'} may make room first`
  return {
    path: ['spec', 'strategy', ...field],
    reason: `${what}; ${known}, ${course}`,
    fix: 'strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }, or type: Recreate; with GPUs to spare say so: --free-gpus N',
    ...(free === undefined && lowered > 0 ? { severity: 'advice' as const } : {}),
  }
}

const gpuOfInitContainer: FactualRule = {
  id: 'gpu_of_init_container',
  severity: 'advice',
  what: 'GPUs that only an init container asks for',
  why: 'They stay with the pod for its whole life, and the program that goes on cannot use them.',
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
        reason: `${titled(workload)} keeps ${gpuResource} for its init container ${init.name} alone`,
        fix: `Put ${gpuResource} into the limits of the container that computes.`,
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
