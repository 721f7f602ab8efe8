/** Whatever has pods, in one form: where its template is, its containers, its GPUs. */

import type { LintObject } from '@hadal/fleet'
import type { LintContext } from '../../lint-rule.ts'
import {
  type Fields,
  fieldsAt,
  fieldsOf,
  listAt,
  numberAt,
  numberOf,
  type Path,
  quantityOf,
  textAt,
  textsOf,
  valueAt,
} from './values.ts'

export interface Workload {
  readonly object: LintObject
  readonly kind: string
  readonly name: string
  readonly namespace: string | undefined
  /** Path of the pod's spec. */
  readonly podPath: Path
  readonly pod: Fields
  /** Labels of its pods. */
  readonly labels: Readonly<Record<string, string>>
  /** As written, else the Kubernetes default; undefined if there is no such field. */
  readonly replicas: number | undefined
  readonly saysReplicas: boolean
  /** Init containers are not among them, but for those that go on alongside. */
  readonly containers: readonly Container[]
  readonly initContainers: readonly Container[]
  /** GPUs of one pod. */
  readonly gpus: number
  /** Resource that requests them: `nvidia.com/gpu`. */
  readonly gpuResource: string | undefined
}

export interface Container {
  readonly name: string
  readonly path: Path
  readonly fields: Fields
}

/** Where kinds keep the template of their pods; a LeaderWorkerSet has two. */
const templates: Readonly<Record<string, readonly Path[]>> = {
  Pod: [[]],
  Deployment: [['spec', 'template']],
  ReplicaSet: [['spec', 'template']],
  ReplicationController: [['spec', 'template']],
  StatefulSet: [['spec', 'template']],
  DaemonSet: [['spec', 'template']],
  Job: [['spec', 'template']],
  CronJob: [['spec', 'jobTemplate', 'spec', 'template']],
  LeaderWorkerSet: [
    ['spec', 'leaderWorkerTemplate', 'leaderTemplate'],
    ['spec', 'leaderWorkerTemplate', 'workerTemplate'],
  ],
}

export const gpuResources: RegExp = /^(nvidia\.com\/(gpu|mig-.*)|amd\.com\/gpu|gpu\.intel\.com\/(i915|xe))$/

const scaled: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'ReplicaSet', 'LeaderWorkerSet'])

/** None of an object that has no pods. */
export function workloadsOf(object: LintObject): readonly Workload[] {
  const known = ofObject.get(object)
  if (known !== undefined) return known
  const read = readWorkloads(object)
  ofObject.set(object, read)
  return read
}

const ofObject = new WeakMap<LintObject, readonly Workload[]>()

function readWorkloads(object: LintObject): readonly Workload[] {
  const { manifest } = object
  const kind = textAt(manifest, 'kind') ?? ''
  const jobs = listAt(manifest, 'spec', 'replicatedJobs').map(
    (_, at): Path => ['spec', 'replicatedJobs', at, 'template', 'spec', 'template'],
  )
  const places = kind === 'JobSet' ? jobs : Object.hasOwn(templates, kind) ? templates[kind]! : []
  return places.flatMap((template): Workload[] => {
    const podPath = [...template, 'spec']
    const pod = fieldsAt(manifest, ...podPath)
    if (listAt(pod, 'containers').length === 0) return []
    const containers = containersAt(pod, podPath, 'containers')
    const initContainers = containersAt(pod, podPath, 'initContainers')
    const besides = initContainers.filter(({ fields }) => fields.restartPolicy === 'Always')
    const gpuResource = [...containers, ...initContainers]
      .flatMap(({ fields }) => Object.keys(fieldsAt(fields, 'resources', 'limits')))
      .find((name) => gpuResources.test(name))
    const gpus = (of: Container) =>
      quantityOf(valueAt(of.fields, 'resources', 'limits', gpuResource ?? '')) ?? 0
    const sum = containers.reduce((count, each) => count + gpus(each), 0)
    return [
      {
        object,
        kind,
        name: nameOf(object),
        namespace: namespaceOf(object),
        podPath,
        pod,
        labels: textsOf(valueAt(manifest, ...template, 'metadata', 'labels')),
        replicas: scaled.has(kind) ? (numberAt(manifest, 'spec', 'replicas') ?? 1) : undefined,
        saysReplicas: valueAt(manifest, 'spec', 'replicas') !== undefined,
        containers: [...containers, ...besides],
        initContainers,
        gpus: Math.max(sum, ...initContainers.map(gpus)),
        gpuResource,
      },
    ]
  })
}

function containersAt(pod: Fields, podPath: Path, field: string): readonly Container[] {
  return listAt(pod, field).map((value, at) => {
    const fields = fieldsOf(value)
    return { name: textAt(fields, 'name') ?? `${at}`, path: [...podPath, field, at], fields }
  })
}

export const nameOf = (object: LintObject): string => textAt(object.manifest, 'metadata', 'name') ?? ''
export const namespaceOf = (object: LintObject): string | undefined =>
  textAt(object.manifest, 'metadata', 'namespace')

/** An unsaid namespace may become any: kustomize and kubectl set it. */
export const isSameNamespace = (a: string | undefined, b: string | undefined): boolean =>
  a === b || a === undefined || b === undefined

interface Index {
  readonly byKind: ReadonlyMap<string, readonly LintObject[]>
  readonly workloads: readonly Workload[]
  /** Filled on first use. */
  readonly services: Map<Workload, readonly LintObject[]>
}

const indexes = new WeakMap<readonly LintObject[], Index>()

/** Rules ask for each object what others there are: in a thousand files that must not mean a million looks. */
function indexOf({ objects }: LintContext): Index {
  const known = indexes.get(objects)
  if (known !== undefined) return known
  const byKind = new Map<string, LintObject[]>()
  for (const object of objects) {
    const same = byKind.get(kindOf(object))
    if (same === undefined) byKind.set(kindOf(object), [object])
    else same.push(object)
  }
  const index: Index = { byKind, workloads: objects.flatMap(workloadsOf), services: new Map() }
  indexes.set(objects, index)
  return index
}

export const ofKind = (context: LintContext, ...kinds: readonly string[]): readonly LintObject[] =>
  kinds.length === 1
    ? (indexOf(context).byKind.get(kinds[0]!) ?? [])
    : kinds.flatMap((kind) => indexOf(context).byKind.get(kind) ?? [])

/** All pods that are applied together. */
export const allWorkloads = (context: LintContext): readonly Workload[] => indexOf(context).workloads

export const kindOf = (object: LintObject): string => textAt(object.manifest, 'kind') ?? ''

/** `Deployment engine`. */
export const named = (object: LintObject): string => `${kindOf(object)} ${nameOf(object)}`

/** Target of an autoscaler. */
export function targetOf({ manifest }: LintObject): { kind: string; name: string } {
  const target = fieldsAt(manifest, 'spec', 'scaleTargetRef')
  return { kind: textAt(target, 'kind') ?? 'Deployment', name: textAt(target, 'name') ?? '' }
}

/** Whether labels are what a selector asks for: `matchLabels` and `matchExpressions`. An empty selector takes all. */
export function isSelected(labels: Readonly<Record<string, string>>, selector: unknown): boolean {
  const wanted = Object.entries(fieldsAt(selector, 'matchLabels'))
  if (!wanted.every(([name, value]) => labels[name] === value)) return false
  return listAt(selector, 'matchExpressions').every((expression) => {
    const values = listAt(expression, 'values').map(String)
    const value = labels[textAt(expression, 'key') ?? '']
    const operator = textAt(expression, 'operator')
    if (operator === 'In') return value !== undefined && values.includes(value)
    if (operator === 'NotIn') return value === undefined || !values.includes(value)
    if (operator === 'Exists') return value !== undefined
    return operator !== 'DoesNotExist' || value === undefined
  })
}

const runsToItsEnd: ReadonlySet<string> = new Set(['Job', 'CronJob', 'JobSet'])

/** Labels that controllers add to pods, alongside those of the template. */
const addedLabels: readonly (readonly [kinds: RegExp, labels: RegExp])[] = [
  [
    /^(Cron)?Job$|^JobSet$/,
    /^(batch\.kubernetes\.io\/)?(job-name|controller-uid)$|^batch\.kubernetes\.io\/job-completion-index$/,
  ],
  [/^JobSet$/, /^jobset\.sigs\.k8s\.io\//],
  [/^LeaderWorkerSet$/, /^leaderworkerset\.sigs\.k8s\.io\//],
  [
    /^StatefulSet$|^LeaderWorkerSet$/,
    /^(statefulset\.kubernetes\.io\/pod-name|apps\.kubernetes\.io\/pod-index)$/,
  ],
  [/^Deployment$|^ReplicaSet$/, /^pod-template-hash$/],
]

const isAdded = (kind: string, label: string): boolean =>
  addedLabels.some(([kinds, names]) => names.test(label) && kinds.test(kind))

/** Whether a selector takes the pods of a workload, those labels included. */
export function selectsPods(selector: unknown, { kind, labels }: Workload): boolean {
  const { matchLabels } = fieldsOf(selector)
  for (const [name, value] of Object.entries(fieldsOf(matchLabels)))
    if (labels[name] !== value && !isAdded(kind, name)) return false
  const matchExpressions = listAt(selector, 'matchExpressions').filter(
    (each) => !isAdded(kind, textAt(each, 'key') ?? ''),
  )
  return matchExpressions.length === 0 || isSelected(labels, { matchExpressions })
}

/** Services that send requests to the pods of a workload; those that only give names to pods of any state do not. */
export function servicesOf(workload: Workload, context: LintContext): readonly LintObject[] {
  const { services } = indexOf(context)
  const known = services.get(workload)
  if (known !== undefined) return known
  const found = runsToItsEnd.has(workload.kind)
    ? []
    : ofKind(context, 'Service').filter((service) => {
        const { selector, publishNotReadyAddresses } = fieldsAt(service.manifest, 'spec')
        if (publishNotReadyAddresses === true || Object.keys(fieldsOf(selector)).length === 0) return false
        if (!selectsPods({ matchLabels: selector }, workload)) return false
        return isSameNamespace(namespaceOf(service), workload.namespace)
      })
  services.set(workload, found)
  return found
}

/** HorizontalPodAutoscalers and ScaledObjects that change how many there are. */
export function autoscalersOf(workload: Workload, context: LintContext): readonly LintObject[] {
  return ofKind(context, 'HorizontalPodAutoscaler', 'ScaledObject').filter((scaler) => {
    const target = fieldsAt(scaler.manifest, 'spec', 'scaleTargetRef')
    const kind = textAt(target, 'kind') ?? 'Deployment'
    return (
      kind === workload.kind &&
      target.name === workload.name &&
      isSameNamespace(namespaceOf(scaler), workload.namespace)
    )
  })
}

/** How many there are at least and at most, where an autoscaler decides; else both as written. */
export function replicaRange(
  workload: Workload,
  context: LintContext,
): { readonly least: number; readonly most: number } {
  const written = workload.replicas ?? 1
  const ranges = autoscalersOf(workload, context).map(({ manifest }) => {
    const { minReplicas, minReplicaCount, maxReplicas, maxReplicaCount } = fieldsAt(manifest, 'spec')
    const least = numberOf(minReplicas ?? minReplicaCount) ?? 1
    return { least, most: Math.max(least, numberOf(maxReplicas ?? maxReplicaCount) ?? 1) }
  })
  if (ranges.length === 0) return { least: written, most: written }
  return {
    least: Math.min(...ranges.map(({ least }) => least)),
    most: Math.max(...ranges.map(({ most }) => most)),
  }
}

export const fewestReplicas = (workload: Workload, context: LintContext): number =>
  replicaRange(workload, context).least

/** Programs that load a model before they answer, by the names that their images, commands and containers have. */
const engineWords =
  /vllm|sglang|llama|text-generation|\btgi\b|triton|tensorrt|trtllm|ollama|lmdeploy|\bhadal\b|ray-serve/i

export function isEngine(container: Container): boolean {
  const { image, command, args } = container.fields
  const limits = Object.keys(fieldsAt(container.fields, 'resources', 'limits'))
  if (limits.some((name) => gpuResources.test(name))) return true
  // `vllm serve`, `python3 -m sglang.launch_server`, `sh -c "..."`: what comes after may be names of others.
  const program = [command, args].flat().slice(0, 3)
  const words = [container.name, image, ...program].map(String).join(' ')
  return (
    engineWords.test(words) &&
    !/gateway|router|proxy|exporter|redis|postgres|scaler/i.test(`${container.name} ${String(image)}`)
  )
}

/** Name of a workload in messages: `Deployment x`. */
export const titled = (workload: Workload): string => `${workload.kind} ${workload.name}`
