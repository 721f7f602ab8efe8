/**
 * The scaled workload: read in full for replica counts and status, and changed through its scale subresource, with the resource
 * version that was read.
 */

import { scaleTargetGone } from './errors.ts'
import { type Kube, kubeRefusal } from './kube.ts'

export interface TargetRef {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
}

export interface TargetState {
  readonly replicas: number
  readonly readyReplicas: number
  readonly resourceVersion: string
  readonly uid: string
}

export interface ScaleTarget {
  /** `Deployment models/deepseek-engine`. */
  readonly name: string
  readonly ref: TargetRef
  /** Throws `scale_target_gone`, and what `Kube` throws. */
  read(signal: AbortSignal): Promise<TargetState>
  /** `changed`: the target changed since it was read; nothing was done. Throws as `read`. */
  scale(replicas: number, seen: TargetState, signal: AbortSignal): Promise<'done' | 'changed'>
}

const plurals: Readonly<Record<string, string>> = {
  Deployment: 'deployments',
  LeaderWorkerSet: 'leaderworkersets',
  StatefulSet: 'statefulsets',
}

/** Field manager for scaling, in `managedFields`. */
export const scaleManager = 'hadal-scale'

export function scaleTarget(kube: Kube, namespace: string, ref: TargetRef): ScaleTarget {
  const { apiVersion, kind, name } = ref
  const plural = plurals[kind] ?? `${kind.toLowerCase()}s`
  const path = `/apis/${apiVersion}/namespaces/${encodeURIComponent(namespace)}/${plural}/${encodeURIComponent(name)}`
  const about = `${kind} ${namespace}/${name}`
  return {
    name: about,
    ref,
    async read(signal) {
      const request = { method: 'GET', path, about } as const
      const { code, body } = await kube.ask(request, signal)
      if (code === 404) throw scaleTargetGone(about, 'is not there')
      if (code >= 300) throw kubeRefusal(kube, request, code, body)
      return stateOf(about, (body ?? {}) as Workload)
    },
    async scale(replicas, { resourceVersion }, signal) {
      const request = {
        method: 'PATCH',
        path: `${path}/scale?fieldManager=${scaleManager}`,
        contentType: 'application/merge-patch+json',
        body: { metadata: { resourceVersion }, spec: { replicas } },
        about: `the scale of ${about}`,
      } as const
      const { code, body } = await kube.ask(request, signal)
      if (code === 409) return 'changed'
      if (code === 404) throw scaleTargetGone(about, 'is not there any more')
      if (code >= 300) throw kubeRefusal(kube, request, code, body)
      return 'done'
    },
  }
}

interface Workload {
  readonly metadata?: {
    readonly uid?: string
    readonly resourceVersion?: string
    readonly deletionTimestamp?: string
  }
  readonly spec?: { readonly replicas?: number }
  readonly status?: { readonly readyReplicas?: number }
}

function stateOf(about: string, { metadata, spec, status }: Workload): TargetState {
  if (metadata?.resourceVersion === undefined)
    throw scaleTargetGone(about, 'is not what the API server answers with')
  if (metadata.deletionTimestamp !== undefined) throw scaleTargetGone(about, 'is being deleted')
  return {
    // Kubernetes defaults to 1.
    replicas: countOf(spec?.replicas, 1),
    readyReplicas: countOf(status?.readyReplicas, 0),
    resourceVersion: metadata.resourceVersion,
    uid: metadata.uid ?? '',
  }
}

const countOf = (given: unknown, otherwise: number): number =>
  typeof given === 'number' && Number.isSafeInteger(given) && given >= 0 ? given : otherwise
