/** Arguments of vLLM and SGLang alongside the GPUs and the memory that their pods get. */

import type { FactualRule } from '../rule-facts.ts'
import { fieldsAt, listAt, numberAt, quantityOf, textAt, valueAt } from './read/values.ts'
import {
  type Container,
  gpuResources,
  isSameNamespace,
  nameOf,
  namespaceOf,
  ofKind,
  workloadsOf,
} from './read/workload.ts'

/** The whole command line as words; what a shell is given is cut at spaces. */
const wordsOfContainer = ({ fields }: Container): readonly string[] =>
  [fields.command, fields.args].flat().flatMap((each) => String(each ?? '').split(/\s+/))

function flagOf(words: readonly string[], names: readonly string[]): number | undefined {
  for (const [at, word] of words.entries()) {
    const [name, given] = word.split('=')
    if (!names.includes(name!)) continue
    const value = Number(given ?? words[at + 1])
    return Number.isInteger(value) && value > 0 ? value : undefined
  }
  return undefined
}

const tensorFlags = ['--tensor-parallel-size', '-tp', '--tp', '--tp-size']

/** GPUs that an engine expects on its machine; undefined if not specified. */
function wantedGpus(words: readonly string[]): { tensor: number; wanted: number; flag: string } | undefined {
  const tensor = flagOf(words, tensorFlags)
  if (tensor === undefined) return undefined
  const pipeline = flagOf(words, ['--pipeline-parallel-size', '-pp', '--pp-size']) ?? 1
  const data = flagOf(words, ['--data-parallel-size', '-dp', '--dp-size', '--dp']) ?? 1
  const nodes = flagOf(words, ['--nnodes']) ?? 1
  const flag = words.map((word) => word.split('=')[0]!).find((word) => tensorFlags.includes(word))!
  return { tensor, wanted: (tensor * pipeline * data) / nodes, flag }
}

const parallelMismatch: FactualRule = {
  id: 'tensor_parallel_mismatch',
  severity: 'harmful',
  what: 'an engine whose parallelism does not match the GPUs of its container',
  why: 'With too few GPUs it does not start; surplus GPUs stay idle and are paid for.',
  *find(object) {
    for (const { containers, kind } of workloadsOf(object))
      for (const container of containers) {
        const limits = fieldsAt(container.fields, 'resources', 'limits')
        const resource = Object.keys(limits).find((name) => gpuResources.test(name))
        const engine = wantedGpus(wordsOfContainer(container))
        const gpus = resource === undefined ? 0 : (quantityOf(limits[resource]) ?? 0)
        if (engine === undefined || engine.wanted === gpus) continue
        // A GPU under another resource name has a separate finding.
        if (resource === undefined && Object.keys(limits).some((name) => /gpu/i.test(name))) continue
        const nodes = numberAt(object.manifest, 'spec', 'leaderWorkerTemplate', 'size') ?? 1
        if (kind === 'LeaderWorkerSet' && (engine.wanted === gpus * nodes || engine.tensor === gpus)) continue
        yield {
          path:
            resource === undefined
              ? [...container.path, 'resources', 'limits']
              : [...container.path, 'resources', 'limits', resource],
          reason: `${engine.flag} ${engine.tensor} makes ${engine.wanted} rank${engine.wanted === 1 ? '' : 's'} on ${gpus} GPU${gpus === 1 ? '' : 's'}: ${engine.wanted > gpus ? 'the engine does not start' : `${gpus - engine.wanted} stay${gpus - engine.wanted === 1 ? 's' : ''} idle`}`,
          fix: `limits: { ${resource ?? 'nvidia.com/gpu'}: ${engine.wanted} }, or ${engine.flag} ${Math.max(1, gpus)}`,
        }
      }
  },
}

const smallShm: FactualRule = {
  id: 'small_shared_memory',
  severity: 'harmful',
  what: 'an engine with several GPUs and 64 MiB of shared memory',
  why: 'Ranks communicate through /dev/shm, which has 64 MiB in a container: NCCL fails with `No space left on device`, or hangs.',
  *find(object) {
    for (const { containers, pod, podPath } of workloadsOf(object))
      for (const container of containers) {
        const engine = wantedGpus(wordsOfContainer(container))
        if (engine === undefined || engine.tensor < 2 || pod.hostIPC === true) continue
        const mounts = listAt(container.fields, 'volumeMounts')
        const mounted = mounts.find(
          (each) => (textAt(each, 'mountPath') ?? '').replace(/\/$/, '') === '/dev/shm',
        )
        const volume = listAt(pod, 'volumes').find(
          (each) => mounted !== undefined && textAt(each, 'name') === textAt(mounted, 'name'),
        )
        if (
          volume !== undefined &&
          (valueAt(volume, 'emptyDir', 'medium') === 'Memory' || valueAt(volume, 'hostPath') !== undefined)
        )
          continue
        yield {
          path: mounted === undefined ? [...container.path, 'volumeMounts'] : [...podPath, 'volumes'],
          reason: `${engine.flag} ${engine.tensor} needs more than the 64 MiB of /dev/shm${mounted === undefined ? '' : ': the volume mounted there is on disk'}`,
          fix: 'volumes: [{ name: shm, emptyDir: { medium: Memory, sizeLimit: 16Gi } }] and volumeMounts: [{ name: shm, mountPath: /dev/shm }]; it counts towards the memory of the pod',
        }
      }
  },
}

/** The port of an engine: from its command line, else its default; undefined when it is unknown. */
function portOf(container: Container): { port: number; why: string } | undefined {
  const words = wordsOfContainer(container)
  const line = `${String(container.fields.image)} ${words.slice(0, 6).join(' ')}`
  const known = /vllm-openai|\bvllm serve\b|vllm\.entrypoints/.test(line)
    ? 8000
    : /sglang[./]launch_server/.test(line)
      ? 30000
      : undefined
  if (known === undefined) return undefined
  const said = flagOf(words, ['--port'])
  if (said !== undefined) return { port: said, why: `--port ${said}` }
  const isElsewhere = words.some((word) => /^--(port|uds|config)\b/.test(word) || word.includes('$'))
  return isElsewhere ? undefined : { port: known, why: `${known} by default` }
}

const enginePortMismatch: FactualRule = {
  id: 'engine_port_mismatch',
  severity: 'harmful',
  what: 'an engine that listens on a different port than its container declares',
  why: 'Probes and the Service use a port with no listener: the pod never becomes ready, or is restarted repeatedly.',
  *find(object) {
    for (const { containers } of workloadsOf(object))
      for (const container of containers) {
        const engine = portOf(container)
        const ports = listAt(container.fields, 'ports').map((each) => valueAt(each, 'containerPort'))
        if (engine === undefined || ports.length === 0 || ports.includes(engine.port)) continue
        yield {
          path: [...container.path, 'ports', 0, 'containerPort'],
          reason: `the engine of container ${container.name} listens on ${engine.why}, but the container port is ${ports.map(String).join(', ')}`,
          fix: `containerPort: ${engine.port}, or --port ${String(ports[0])}`,
        }
      }
  },
}

const linkedPort: FactualRule = {
  id: 'service_link_clash',
  severity: 'harmful',
  what: 'vLLM in a namespace with a Service called vllm',
  why: 'Kubernetes sets VLLM_PORT=tcp://... in its pods, which vLLM reads as its own setting: it does not start.',
  *find(object, context) {
    for (const { containers, pod, podPath, namespace } of workloadsOf(object)) {
      const isVllm = containers.some((each) =>
        /\bvllm\b/.test(`${String(each.fields.image)} ${wordsOfContainer(each).slice(0, 6).join(' ')}`),
      )
      const isSaid = containers.some(({ fields }) =>
        listAt(fields, 'env').some((each) => textAt(each, 'name') === 'VLLM_PORT'),
      )
      if (!isVllm || isSaid || pod.enableServiceLinks === false) continue
      const service = ofKind(context, 'Service').find(
        (each) => nameOf(each) === 'vllm' && isSameNamespace(namespaceOf(each), namespace),
      )
      if (service === undefined || valueAt(service.manifest, 'spec', 'clusterIP') === 'None') continue
      yield {
        path: [...podPath, 'enableServiceLinks'],
        reason: 'Service vllm sets the variable VLLM_PORT=tcp://..., which vLLM cannot parse as a port',
        fix: 'enableServiceLinks: false, or rename the Service',
      }
    }
  },
}

export const engineRules: readonly FactualRule[] = [
  parallelMismatch,
  smallShm,
  enginePortMismatch,
  linkedPort,
]
