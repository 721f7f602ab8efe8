/** Prerequisite of every cluster check: whether a cluster is reachable, and its lists. */

import type { Capture, RawReading } from '../../capture/capture.ts'
import type { Verdict } from '../check.ts'
import type { Fix } from '../fix.ts'
import { type KubeCondition, keepFields, type PodObject } from './cluster-objects.ts'

export interface ClusterList<T> {
  readonly items: readonly T[]
  /** The account sees not all of it, or there is more than was read. */
  readonly isPartial: boolean
}

/** Reason to skip: the cluster was not requested, or there is none. */
export function withoutCluster({ readings }: Capture): Verdict | undefined {
  const version = readings['kubernetes-version']
  if (version === undefined) return { severity: 'skipped', says: 'no cluster was queried' }
  if ('failed' in version && version.failed === 'absent')
    return { severity: 'skipped', says: 'no cluster: there is no kubeconfig' }
  return undefined
}

export const unknown = (says: string, fix: Fix): Verdict => ({ severity: 'unknown', says, fix })

/** `absent`: the cluster serves no such kind. A verdict: why it cannot be read. */
export function clusterList<T>(
  capture: Capture,
  source: string,
  plural: string,
): ClusterList<T> | 'absent' | Verdict {
  const nothing = withoutCluster(capture)
  if (nothing !== undefined) return nothing
  const reading = capture.readings[source]
  const command = `kubectl get ${plural} --all-namespaces`
  if (reading === undefined)
    return unknown(`${plural} were not read`, { text: 'List them manually.', command })
  if ('failed' in reading) {
    if (reading.failed === 'absent') return 'absent'
    const said = reading.detail.replace(/\s+/g, ' ').slice(0, 200)
    return unknown(
      `${plural} cannot be read: ${said}`,
      reading.failed === 'refused'
        ? {
            text: 'Ask a cluster administrator to grant this account list permission.',
            command: `kubectl auth can-i list ${plural} --all-namespaces`,
          }
        : { text: 'List them manually.', command },
    )
  }
  const list = listIn(reading, plural)
  return (
    (list as ClusterList<T> | undefined) ??
    unknown(`the cluster's response for ${plural} cannot be parsed`, { text: 'List them manually.', command })
  )
}

/** Many checks read one list: it is taken apart once. */
const lists = new WeakMap<RawReading, ClusterList<unknown> | undefined>()

function listIn(
  reading: RawReading & { readonly text: string },
  plural: string,
): ClusterList<unknown> | undefined {
  if (!lists.has(reading))
    lists.set(reading, readList(reading.text, 'isCut' in reading && reading.isCut === true, plural))
  return lists.get(reading)
}

function readList(text: string, isCut: boolean, plural: string): ClusterList<unknown> | undefined {
  const items = itemsOf(text)
  if (items === undefined) return undefined
  const objects = items.map((item) => keepFields(plural, item)).filter((object) => object !== undefined)
  return { items: objects, isPartial: isCut || objects.length < items.length }
}

function itemsOf(text: string): readonly unknown[] | undefined {
  try {
    const { items } = JSON.parse(text.replace(/^\uFEFF/, '')) as { readonly items?: unknown }
    return Array.isArray(items) ? items : undefined
  } catch {
    return undefined
  }
}

const maxVerdicts = 12

export interface Judged {
  /** Where nothing is wrong: `no pod waits for a node`. */
  readonly fine: string
  readonly verdicts: readonly Verdict[]
}

/** A list, judged. Nothing wrong in a part of it is not known to be well. */
export function judgeList<T>(
  capture: Capture,
  source: string,
  plural: string,
  judge: (items: readonly T[]) => Judged | Verdict,
): Verdict | readonly Verdict[] {
  const list = clusterList<T>(capture, source, plural)
  if (list === 'absent') return { severity: 'skipped', says: `the cluster does not serve ${plural}` }
  if ('severity' in list) return list
  const judged = judge(list.items)
  if ('severity' in judged) return judged
  return concluded(judged, list.isPartial, plural)
}

export function concluded(
  { fine, verdicts }: Judged,
  isPartial: boolean,
  plural: string,
): Verdict | readonly Verdict[] {
  if (verdicts.length > maxVerdicts)
    return [
      ...verdicts.slice(0, maxVerdicts - 1),
      {
        severity: verdicts.slice(maxVerdicts - 1).some(({ severity }) => severity === 'error')
          ? 'error'
          : 'warning',
        says: `and ${verdicts.length - maxVerdicts + 1} more like this`,
        fix: { text: 'List all of them.', command: `kubectl get ${plural} --all-namespaces` },
      },
    ]
  if (verdicts.length > 0) return verdicts
  if (!isPartial) return { severity: 'ok', says: fine }
  return unknown(`${fine} among the readable ones; others could not be read`, {
    text: 'Use an account with access to all namespaces.',
    command: `kubectl auth can-i list ${plural} --all-namespaces`,
  })
}

/** `models/engine`, for all pods of one workload. */
export function workloadOf({ metadata }: PodObject): string {
  const [owner] = metadata?.ownerReferences ?? []
  const name =
    owner?.kind === 'ReplicaSet'
      ? owner.name?.replace(/-[a-z\d]{1,16}$/, '')
      : (owner?.name ?? metadata?.name)
  return `${metadata?.namespace ?? 'default'}/${name ?? '?'}`
}

export const nameOf = ({ metadata }: { readonly metadata?: PodObject['metadata'] }): string =>
  metadata?.name ?? '?'

export const namespaceOf = ({ metadata }: { readonly metadata?: PodObject['metadata'] }): string =>
  metadata?.namespace ?? 'default'

/** `models/engine`, of whatever lives in a namespace. */
export const placeOf = (object: { readonly metadata?: PodObject['metadata'] }): string =>
  `${namespaceOf(object)}/${nameOf(object)}`

export function groupBy<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}

export const countOf = (count: number, one: string, more: string = `${one}s`): string =>
  `${count} ${count === 1 ? one : more}`

export const short = (message: string): string => {
  const line = message.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  return line.length > 200 ? `${line.slice(0, 199)}…` : line
}

/** Epoch milliseconds of an API timestamp; undefined if it is not a time. */
export function timeOf(text: string | undefined): number | undefined {
  const millis = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(millis) ? undefined : millis
}

/** Whole GPUs and instances of them: `nvidia.com/gpu`, `nvidia.com/mig-1g.5gb`. */
export function gpusIn(amounts: Readonly<Record<string, string | number>> | undefined): number {
  let sum = 0
  for (const [name, amount] of Object.entries(amounts ?? {}))
    if (/^nvidia\.com\/(?:gpu|mig-[\w.]+)(?:\.shared)?$/.test(name) && /^\d{1,6}$/.test(String(amount)))
      sum += Number(amount)
  return sum
}

export const describePod = (pod: PodObject, text: string): Fix => ({
  text,
  command: `kubectl -n ${namespaceOf(pod)} describe pod ${nameOf(pod)}`,
})

export const conditionOf = (
  conditions: readonly KubeCondition[] | undefined,
  type: string,
): KubeCondition | undefined => conditions?.find((each) => each.type === type)

export const asksForGpus = ({ spec }: PodObject): boolean =>
  spec?.containers?.some(({ resources }) => gpusIn(resources?.limits) + gpusIn(resources?.requests) > 0) ??
  false
