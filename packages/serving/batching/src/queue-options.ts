/** Options of a batch queue, under Triton's names in camel case: defaults and validation. */

import { batchOptionInvalid } from './errors.ts'
import type { BatchLimits } from './plan-batch.ts'

/** Policy of one priority level. */
export interface QueuePolicy {
  /** Maximum queued items; 0: unlimited. */
  readonly maxQueueSize: number
  /** Maximum time in the queue; 0: unlimited. */
  readonly defaultTimeoutMicros: number
  /** What happens to an item that timed out: it is rejected, or moved behind all others of its level. */
  readonly timeoutAction: 'reject' | 'delay'
  /** Whether an item may set a shorter timeout than the default; otherwise its timeout is ignored. */
  readonly allowTimeoutOverride: boolean
}

export interface BatchQueueOptions extends Partial<BatchLimits> {
  /** Number of levels; 1 by default. Level 1 is served first. */
  readonly priorityLevels?: number
  /** Level of items without one. Required if there are several levels. */
  readonly defaultPriorityLevel?: number
  readonly queuePolicy?: Partial<QueuePolicy>
  /** Overrides by level. */
  readonly priorityQueuePolicy?: Readonly<Record<number, Partial<QueuePolicy>>>
}

export interface ResolvedQueue {
  readonly limits: BatchLimits
  readonly defaultLevel: number
  /** Policies of level 1, 2 and so on. */
  readonly policies: readonly QueuePolicy[]
}

/** These length limits were never far from the optimum in `npm run bench batching`, whatever the fixed cost of a call. */
const defaultLimits: BatchLimits = {
  maxBatchSize: 32,
  maxBatchTokens: Number.POSITIVE_INFINITY,
  timeoutMicros: 0,
  preferredBatchSizes: [],
  maxPaddingShare: 0.3,
  maxPassedOver: 16,
}

const defaultPolicy: QueuePolicy = {
  maxQueueSize: 0,
  defaultTimeoutMicros: 0,
  timeoutAction: 'reject',
  allowTimeoutOverride: true,
}

/** More levels are useless, and each one is checked on every plan. */
const maxLevels = 1000

/** Throws `batch_option_invalid`. */
export function resolveQueue(options: BatchQueueOptions): ResolvedQueue {
  const limits = { ...defaultLimits, ...given(options, defaultLimits) }
  const { maxBatchSize, maxBatchTokens, timeoutMicros, maxPaddingShare } = limits
  whole('maxBatchSize', maxBatchSize, 1)
  if (maxBatchTokens !== Number.POSITIVE_INFINITY) whole('maxBatchTokens', maxBatchTokens, 1)
  whole('maxPassedOver', limits.maxPassedOver, 0)
  micros('timeoutMicros', timeoutMicros)
  if (!(maxPaddingShare >= 0 && maxPaddingShare <= 1))
    throw batchOptionInvalid('maxPaddingShare', maxPaddingShare, 'a number from 0 to 1')
  for (const size of limits.preferredBatchSizes) whole('preferredBatchSizes', size, 1, maxBatchSize)

  const { priorityLevels = 1, priorityQueuePolicy = {} } = options
  whole('priorityLevels', priorityLevels, 1, maxLevels)
  const defaultLevel = options.defaultPriorityLevel ?? (priorityLevels === 1 ? 1 : undefined)
  whole('defaultPriorityLevel', defaultLevel, 1, priorityLevels)
  for (const level of Object.keys(priorityQueuePolicy))
    whole('priorityQueuePolicy', Number(level), 1, priorityLevels)
  const policies = Array.from({ length: priorityLevels }, (_, at) =>
    policy(options.queuePolicy ?? {}, priorityQueuePolicy[at + 1] ?? {}),
  )
  return { limits, defaultLevel, policies }
}

/** The level of an item with this priority. Throws `batch_option_invalid`. */
export function levelOf({ policies, defaultLevel }: ResolvedQueue, priority: number | undefined): number {
  const level = priority ?? defaultLevel
  whole('priority', level, 1, policies.length)
  return level
}

/** How long an item may wait, in milliseconds. Throws `batch_option_invalid`. */
export function patienceMillis(policy: QueuePolicy, timeoutMicros: number | undefined): number {
  const { defaultTimeoutMicros, allowTimeoutOverride } = policy
  const inherited = defaultTimeoutMicros === 0 ? Number.POSITIVE_INFINITY : defaultTimeoutMicros
  if (timeoutMicros === undefined) return inherited / 1000
  micros('timeoutMicros', timeoutMicros)
  const own = timeoutMicros === 0 || !allowTimeoutOverride ? Number.POSITIVE_INFINITY : timeoutMicros
  return Math.min(own, inherited) / 1000
}

function policy(common: Partial<QueuePolicy>, own: Partial<QueuePolicy>): QueuePolicy {
  const all = { ...defaultPolicy, ...given(common, defaultPolicy), ...given(own, defaultPolicy) }
  whole('maxQueueSize', all.maxQueueSize, 0)
  micros('defaultTimeoutMicros', all.defaultTimeoutMicros)
  if (!['reject', 'delay'].includes(all.timeoutAction))
    throw batchOptionInvalid('timeoutAction', all.timeoutAction, "'reject' or 'delay'")
  return all
}

/** The keys of `known` that `options` has a value for. */
function given<T extends object>(options: Partial<T>, known: T): Partial<T> {
  const keys = Object.keys(known) as (keyof T)[]
  return Object.fromEntries(
    keys.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]])),
  ) as Partial<T>
}

function micros(name: string, value: number): void {
  if (!(Number.isFinite(value) && value >= 0))
    throw batchOptionInvalid(name, value, 'a number of microseconds, 0 or more')
}

function whole(
  name: string,
  value: number | undefined,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): asserts value is number {
  if (value !== undefined && Number.isInteger(value) && value >= least && value <= most) return
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
  throw batchOptionInvalid(name, value, `a whole number ${range}`)
}
