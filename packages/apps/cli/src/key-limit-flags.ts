/** Flags for key limits: parsing and display. */

import type { KeyLimits, LimitChanges } from '@hadal/accounts'
import { formatCount, parseMillis } from '@hadal/base'
import { say, usage } from '@hadal/output'

/** From commander; `none` removes a limit. */
export interface KeyLimitFlags {
  readonly requestsPerMinute?: string
  readonly tokensPerMinute?: string
  readonly maxConcurrent?: string
  readonly budgetTokens?: string
  readonly budget?: string
  readonly models?: string
  readonly priority?: string
  readonly weight?: string
  readonly expires?: string
}

/** With descriptions. */
export const keyLimitFlags: readonly (readonly [flag: string, doc: string])[] = [
  ['--requests-per-minute <number>', 'rate limit, in requests'],
  [
    '--tokens-per-minute <number>',
    'rate limit, in prompt and completion tokens; suffixes as in 50k or 2M are allowed',
  ],
  ['--max-concurrent <number>', 'maximum number of concurrent requests'],
  ['--budget-tokens <number>', 'token budget per month (UTC)'],
  ['--budget <money>', 'monthly budget in money, priced by the setting `prices`'],
  ['--models <list>', 'allowed models: names or patterns with *, separated by commas'],
  [
    '--priority <number>',
    'default and most urgent priority of its requests; lower is more urgent (default: 0)',
  ],
  ['--weight <number>', 'share of the engine under contention; 1 if unset'],
  ['--expires <when>', 'expiry: a date such as 2027-06-30, or a duration from now such as 30d'],
]

/** Throws `usage`. `now` in milliseconds since 1970. */
export function readKeyLimits(flags: KeyLimitFlags, command: string, now: number): LimitChanges {
  const refuse = (flag: string, text: string, expected: string): never => {
    throw usage(`${flag}: ${JSON.stringify(text)} is not ${expected}`, command)
  }
  const read = <T>(
    flag: string,
    text: string | undefined,
    expected: string,
    parse: (text: string) => T | undefined,
  ) =>
    text === undefined
      ? undefined
      : {
          value:
            text === 'none' ? undefined : (parse(text.trim()) ?? refuse(flag, text, `${expected}, or none`)),
        }
  const whole = (flag: string, text: string | undefined) => read(flag, text, 'a whole number', wholeNumber)

  const requests = whole('--requests-per-minute', flags.requestsPerMinute)
  const tokens = whole('--tokens-per-minute', flags.tokensPerMinute)
  const concurrent = whole('--max-concurrent', flags.maxConcurrent)
  const budgetTokens = whole('--budget-tokens', flags.budgetTokens)
  const budgetMoney = read('--budget', flags.budget, 'an amount of money such as 20 or 12.50', moneyMicros)
  const models = read('--models', flags.models, 'a list of names', (text) => {
    const names = text.split(',').map((name) => name.trim())
    return names.includes('') ? undefined : names
  })
  const priority = read('--priority', flags.priority, 'a whole number', (text) =>
    /^-?\d{1,9}$/.test(text) ? Number(text) : undefined,
  )
  const weight = read('--weight', flags.weight, 'a number', (text) =>
    /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined,
  )
  const expires = read(
    '--expires',
    flags.expires,
    'a date such as 2027-06-30 or a duration such as 30d',
    (text) => momentOf(text, now),
  )
  if (budgetTokens?.value !== undefined && budgetMoney?.value !== undefined)
    throw usage(say`--budget and --budget-tokens cannot be combined`, command)
  const budget =
    budgetMoney?.value !== undefined
      ? ({ value: { unit: 'micros', amount: budgetMoney.value } } as const)
      : budgetTokens?.value !== undefined
        ? ({ value: { unit: 'tokens', amount: budgetTokens.value } } as const)
        : (budgetMoney ?? budgetTokens) && { value: undefined }
  return {
    ...(requests && { requestsPerMinute: requests.value }),
    ...(tokens && { tokensPerMinute: tokens.value }),
    ...(concurrent && { maxConcurrent: concurrent.value }),
    ...(budget && { budget: budget.value }),
    ...(models && { models: models.value }),
    ...(priority && { priority: priority.value }),
    ...(weight && { weight: weight.value }),
    ...(expires && { expiresAt: expires.value }),
  }
}

/** A short summary; empty without limits. */
export function describeKeyLimits(limits: KeyLimits, currency: string): string {
  const { requestsPerMinute, tokensPerMinute, maxConcurrent, budget, models, priority, weight } = limits
  return [
    requestsPerMinute !== undefined && say`${formatCount(requestsPerMinute)} requests/min`,
    tokensPerMinute !== undefined && say`${formatCount(tokensPerMinute)} tokens/min`,
    maxConcurrent !== undefined && say`${maxConcurrent} concurrent`,
    budget !== undefined &&
      (budget.unit === 'tokens'
        ? say`${formatCount(budget.amount)} tokens/month`
        : say`${formatMoney(budget.amount)} ${currency}/month`),
    models !== undefined && say`models ${models.join(', ')}`,
    priority !== undefined && say`priority ${priority}`,
    weight !== undefined && say`weight ${weight}`,
  ]
    .filter((part) => part !== false)
    .join(', ')
}

/** From millionths: rounded to cents, with more digits for amounts below a cent. */
export function formatMoney(micros: number): string {
  if (micros === 0 || micros >= 10_000) return (micros / 1e6).toFixed(2)
  return (micros / 1e6).toFixed(6).replace(/0+$/, '')
}

function wholeNumber(text: string): number | undefined {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)([kMB]?)$/.exec(text) ?? []
  if (digits === undefined) return undefined
  const value =
    Math.round(Number(digits) * { '': 1, k: 1e3, M: 1e6, B: 1e9 }[unit as '' | 'k' | 'M' | 'B'] * 1e3) / 1e3
  return Number.isSafeInteger(value) ? value : undefined
}

function moneyMicros(text: string): number | undefined {
  return /^\d{1,9}(\.\d{1,6})?$/.test(text) ? Math.round(Number(text) * 1e6) : undefined
}

function momentOf(text: string, now: number): number | undefined {
  if (/^\d{4}-\d\d-\d\d(T[\d:.]+Z)?$/.test(text)) {
    const moment = Date.parse(text)
    return Number.isNaN(moment) ? undefined : moment
  }
  try {
    return Math.round(now + parseMillis(text))
  } catch {
    return undefined
  }
}
