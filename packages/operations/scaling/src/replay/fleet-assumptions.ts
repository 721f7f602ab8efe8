/** A replay's assumptions about engines, with the source of each number. Pure. */

import { formatMillis, parseMillis } from '@hadal/base'
import { serviceSettings } from '@hadal/config'
import type { EnginePlan, FleetModel } from '@hadal/fleet'
import { usage, wholeNumberFlag } from '@hadal/output'

export interface AssumptionFlags {
  readonly start?: string
  readonly coldStart?: string
  readonly places?: string
  readonly serviceP99?: string
  readonly maxQueue?: string
}

export interface AssumptionFacts {
  readonly engine: Pick<EnginePlan, 'kind' | 'command' | 'config'>
  readonly startMillis: number
  readonly sloMillis: number
  /** While nothing waited. */
  readonly recordedP99Millis: number | undefined
}

export interface Assumptions {
  readonly model: FleetModel
  /** `an engine takes 2m 0s to start (estimated from its probes and its model)`. */
  readonly reasons: readonly string[]
}

const command = 'hadal scale replay'
/** Both have the time in which a pod finds its node, as the controller reckons. */
const estimated = 'from deploy.coldStartMillis or the model size: override with --start'
const measured = 'from --cold-start plus 30.0 s to find a node'

/** Throws `usage` and `invalid_unit`. */
export function fleetAssumptions(flags: AssumptionFlags, facts: AssumptionFacts): Assumptions {
  const start =
    flags.start === undefined
      ? { value: facts.startMillis, why: flags.coldStart === undefined ? estimated : measured }
      : { value: parseMillis(flags.start), why: '--start' }
  const places =
    flags.places === undefined
      ? placesOf(facts.engine)
      : { value: wholeNumberFlag(flags.places, '--places', command), why: '--places' }
  const service = servicePart(flags, facts)
  const queue =
    flags.maxQueue === undefined
      ? {
          value: (facts.engine.config?.maxQueue as number) ?? serviceSettings.maxQueue.default,
          why: 'maxQueue',
        }
      : { value: wholeNumberFlag(flags.maxQueue, '--max-queue', command), why: '--max-queue' }
  if (!(service.value > 0)) throw usage('--service-p99 must be more than 0', command)
  return {
    model: {
      startMillis: start.value,
      places: places.value,
      serviceP99Millis: service.value,
      maxQueue: queue.value,
    },
    reasons: [
      `an engine takes ${formatMillis(start.value)} to start (${start.why})`,
      `runs ${places.value} requests at once (${places.why})`,
      `P99 ${formatMillis(service.value)} without queueing (${service.why})`,
      `up to ${queue.value} queued per engine (${queue.why})`,
    ],
  }
}

/** What vLLM and SGLang batch by default, on most GPUs. */
const usualPlaces = 256

function placesOf({ kind, command: started, config }: AssumptionFacts['engine']): Assumed {
  const flag = started.findIndex((part) => part === '--max-num-seqs' || part === '--max-running-requests')
  if (flag !== -1) return { value: Number(started[flag + 1]), why: 'maxBatchSize' }
  if (kind !== 'llama') return { value: usualPlaces, why: `the default of ${kind}: override with --places` }
  const { maxBatchSize = serviceSettings.maxBatchSize.default } = (config ?? {}) as { maxBatchSize?: number }
  return { value: maxBatchSize, why: 'maxBatchSize' }
}

interface Assumed {
  readonly value: number
  readonly why: string
}

function servicePart(
  { serviceP99 }: AssumptionFlags,
  { recordedP99Millis, sloMillis }: AssumptionFacts,
): Assumed {
  if (serviceP99 !== undefined) return { value: parseMillis(serviceP99), why: '--service-p99' }
  if (recordedP99Millis !== undefined) return { value: recordedP99Millis, why: 'from the recording' }
  return { value: sloMillis / 2, why: 'assumed to be half of slo.latencyMillis: override with --service-p99' }
}
