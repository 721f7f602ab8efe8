/** How an engine is replaced by its next version without waiting for a place that never comes, and how long that may take. */

import type { EnginePlan } from '../deployment/deployment.ts'
import { type Part, replacementSeconds } from './pod.ts'

/**
 * With GPUs to spare the new one comes first. Without, the old one goes first: a new pod would wait for its GPUs, and the old one, which
 * has them, for the new one.
 */
export function engineStrategy({ rollout }: EnginePlan): Part {
  const rollingUpdate =
    rollout === 'surge' ? { maxSurge: 1, maxUnavailable: 0 } : { maxSurge: 0, maxUnavailable: 1 }
  return { type: 'RollingUpdate', rollingUpdate }
}

/** A download that is slower than this is taken for one that stands still. */
const slowestBytesPerSecond = 10_000_000

/** The longest that one replica may take, in seconds: the old one's last requests, a download, the start. */
export function engineRolloutSeconds({ times, model }: EnginePlan): number {
  const download = model.storage === 'download' ? Math.ceil(model.bytes / slowestBytesPerSecond) : 0
  return replacementSeconds(times) + download
}
