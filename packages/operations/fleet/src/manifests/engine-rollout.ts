/** Rollout strategy of an engine that never waits for unavailable capacity, and its deadline. */

import type { Deployment, EnginePlan } from '../deployment/deployment.ts'
import { startFactor } from '../deployment/pod-times.ts'
import { hasVolumeAlone } from './model-claims.ts'
import { type Part, replacementSeconds, startSeconds } from './pod.ts'

/**
 * With GPUs to spare the new one comes first. Without, or where its volume is one node's alone, the old one goes first: a new pod would
 * wait for what the old one has, and the old one for the new one.
 */
export function engineStrategy(deployment: Deployment, engine: EnginePlan): Part {
  const isInPlace = engine.rollout === 'inPlace' || hasVolumeAlone(deployment, engine)
  const rollingUpdate = isInPlace ? { maxSurge: 0, maxUnavailable: 1 } : { maxSurge: 1, maxUnavailable: 0 }
  return { type: 'RollingUpdate', rollingUpdate }
}

/** A download slower than this counts as stalled. */
const slowestBytesPerSecond = 10_000_000
/** What the hub gives where nothing is in its way. */
const usualBytesPerSecond = 100_000_000

/** The longest that one replica may take, in seconds: the old one's last requests, a download, the start. */
export function engineRolloutSeconds(engine: EnginePlan): number {
  return replacementSeconds(engine.times) + downloadSeconds(engine, slowestBytesPerSecond)
}

/** What a pod takes to be ready where nothing is in its way, in seconds. */
export function engineStartSeconds(engine: EnginePlan): number {
  return startSeconds(engine.times) + downloadSeconds(engine, usualBytesPerSecond)
}

/** What a pod takes as a rule, in seconds: a node that is there, a download, and the start that its probe has three times the time for. */
export function typicalStartSeconds(engine: EnginePlan): number {
  const { probePeriodSeconds, startupFailureThreshold } = engine.times
  const schedule = 30
  const start = Math.ceil((probePeriodSeconds * startupFailureThreshold) / startFactor)
  return schedule + start + downloadSeconds(engine, usualBytesPerSecond)
}

function downloadSeconds({ model }: EnginePlan, bytesPerSecond: number): number {
  return model.storage === 'download' ? Math.ceil(model.bytes / bytesPerSecond) : 0
}
