/**
 * The times of a pod's life: how long a start may take, how long an end does. Pure.
 *
 * Start-up budget: three times the measured start, because nodes and disks vary; an interrupted start would repeat forever.
 * Shutdown: first the endpoints are removed everywhere, then the longest request completes.
 */

import type { PodTimes } from './deployment.ts'

const probePeriodSeconds = 5
/** Allowed start time as a multiple of the measured one. */
export const startFactor = 3
const minStartSeconds = 30
/** kube-proxy and gateways hear of a pod that ends within a few seconds. */
const preStopSeconds = 10
const marginSeconds = 15

export function podTimes(coldStartMillis: number, longestRequestMillis: number): PodTimes {
  return {
    probePeriodSeconds,
    startupFailureThreshold: startBudgetSeconds(coldStartMillis) / probePeriodSeconds,
    preStopSeconds,
    terminationGraceSeconds: preStopSeconds + Math.ceil(longestRequestMillis / 1000) + marginSeconds,
  }
}

/** Whole periods of the probe. */
export function startBudgetSeconds(coldStartMillis: number): number {
  const budget = Math.max(minStartSeconds, (coldStartMillis * startFactor) / 1000)
  return Math.ceil(budget / probePeriodSeconds) * probePeriodSeconds
}

/** What a disk or a network volume gives at least. */
const bytesPerSecond = 500e6
/** Besides reading weights: processes, kernels that are compiled, CUDA graphs that are recorded, a warm-up. */
const extraStartSeconds = { llama: 5, vllm: 90, sglang: 90 } as const

/** Estimate for an engine without a measured cold start. */
export function estimateColdStart(
  kind: keyof typeof extraStartSeconds,
  bytes: number,
): { readonly millis: number; readonly formula: string } {
  const extra = extraStartSeconds[kind]
  return {
    millis: (extra + bytes / bytesPerSecond) * 1000,
    formula: `${extra} s plus loading the weights at ${bytesPerSecond / 1e6} MB/s`,
  }
}
