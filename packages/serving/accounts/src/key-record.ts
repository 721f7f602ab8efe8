/** A stored key: its holder and limits. */

import { priorityRange } from '@hadal/protocol'
import type { Caller } from './accounts.ts'

export interface Budget {
  readonly unit: 'tokens' | 'micros'
  /** Per calendar month (UTC). */
  readonly amount: number
}

/** Undefined: unlimited. */
export interface KeyLimits {
  readonly requestsPerMinute: number | undefined
  readonly tokensPerMinute: number | undefined
  readonly maxConcurrent: number | undefined
  readonly budget: Budget | undefined
  /** Names and patterns; undefined: all. */
  readonly models: readonly string[] | undefined
  readonly priority: number | undefined
  readonly weight: number | undefined
  /** Milliseconds since 1970. */
  readonly expiresAt: number | undefined
}

export interface KeyRecord extends KeyLimits {
  readonly id: string
  readonly name: string
  readonly prefix: string
  readonly createdAt: number
  readonly revokedAt: number | undefined
}

export const noLimits: KeyLimits = {
  requestsPerMinute: undefined,
  tokensPerMinute: undefined,
  maxConcurrent: undefined,
  budget: undefined,
  models: undefined,
  priority: undefined,
  weight: undefined,
  expiresAt: undefined,
}

export function callerOf({ id, name, priority, weight, models }: KeyRecord): Caller {
  return {
    id,
    name,
    ...(priority !== undefined && { priority }),
    ...(weight !== undefined && { weight }),
    ...(models !== undefined && { models }),
  }
}

/** Whether any limit is shared between requests and must be counted. */
export function isLimited({ requestsPerMinute, tokensPerMinute, maxConcurrent, budget }: KeyLimits): boolean {
  return [requestsPerMinute, tokensPerMinute, maxConcurrent, budget].some((limit) => limit !== undefined)
}

/** Validation errors as text. */
export function limitIssues(limits: Partial<KeyLimits>): string[] {
  const issues: string[] = []
  const whole = (name: string, value: number | undefined, least: number): void => {
    if (value !== undefined && (!Number.isSafeInteger(value) || value < least))
      issues.push(`${name} is ${value}, not a whole number of at least ${least}`)
  }
  whole('requests a minute', limits.requestsPerMinute, 1)
  whole('tokens a minute', limits.tokensPerMinute, 1)
  whole('requests at a time', limits.maxConcurrent, 1)
  whole('the budget', limits.budget?.amount, 0)
  const { priority, weight, models } = limits
  const { least, most } = priorityRange
  if (priority !== undefined && !(Number.isInteger(priority) && priority >= least && priority <= most))
    issues.push(`the priority is ${priority}, not a whole number from ${least} to ${most}`)
  if (weight !== undefined && !(weight >= 0.001 && weight <= 1000))
    issues.push(`the weight is ${weight}, not a number from 0.001 to 1000`)
  if (models?.some((pattern) => pattern.trim() === '')) issues.push('a name of a model is empty')
  return issues
}
