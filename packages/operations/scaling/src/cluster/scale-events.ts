/** Records a scaling as an Event on its target, visible in `kubectl describe`. Fire-and-forget. */

import { randomBytes } from 'node:crypto'
import { type Kube, kubeRefusal, scaleManager, type TargetRef, type TargetState } from '@hadal/cluster'
import type { ScaleDecision } from '@hadal/fleet'

export interface ScaleEvent {
  readonly namespace: string
  readonly target: TargetRef
  readonly seen: TargetState
  readonly decision: ScaleDecision
  /** The scaler's. */
  readonly identity: string
}

/** Longest that an API server takes. */
const longestMessage = 1024

/** Throws what `Kube` throws. */
export async function emitEvent(
  kube: Kube,
  { namespace, target, seen, decision, identity }: ScaleEvent,
  signal: AbortSignal,
): Promise<void> {
  const at = new Date(decision.at).toISOString().replace(/\.\d+Z$/, 'Z')
  const request = {
    method: 'POST',
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/events?fieldManager=${scaleManager}`,
    about: `an Event of ${target.kind} ${namespace}/${target.name}`,
    body: {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {
        name: `${target.name.slice(0, 200)}.${Date.now().toString(16)}${randomBytes(4).toString('hex')}`,
        namespace,
      },
      involvedObject: {
        apiVersion: target.apiVersion,
        kind: target.kind,
        namespace,
        name: target.name,
        // `kubectl describe` finds events by it.
        uid: seen.uid,
        resourceVersion: seen.resourceVersion,
      },
      type: 'Normal',
      reason: decision.action === 'up' ? 'ScaledUp' : 'ScaledDown',
      message: cut(`${decision.text} (${decision.reason})`),
      source: { component: scaleManager },
      reportingComponent: 'hadal.dev/scale',
      reportingInstance: identity.slice(0, 128),
      firstTimestamp: at,
      lastTimestamp: at,
      count: 1,
    },
  } as const
  const { code, body } = await kube.ask(request, signal)
  if (code >= 300) throw kubeRefusal(kube, request, code, body)
}

const cut = (text: string): string =>
  text.length <= longestMessage ? text : `${text.slice(0, longestMessage - 1)}…`
