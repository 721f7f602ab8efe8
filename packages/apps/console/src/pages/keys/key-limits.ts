/** Converts key limits between form and API. Pure. */

import type { KeyLimitFields, ServiceKey } from '@hadal/protocol'

/** Form values; an empty field means no limit. */
export interface LimitDraft {
  readonly requestsPerMinute: number | undefined
  readonly tokensPerMinute: number | undefined
  readonly maxConcurrent: number | undefined
  readonly budgetUnit: 'none' | 'tokens' | 'money'
  /** Tokens, or money in whole units: 12.5. */
  readonly budget: number | undefined
  /** Separated by commas. */
  readonly models: string
  readonly priority: number | undefined
  readonly weight: number | undefined
  /** A day of UTC: `2027-06-30`. */
  readonly expires: string
}

export function draftOf(key: KeyLimitFields = {}): LimitDraft {
  const { requestsPerMinute, tokensPerMinute, maxConcurrent, budget, models, priority, weight, expiresAt } =
    key
  return {
    requestsPerMinute: requestsPerMinute ?? undefined,
    tokensPerMinute: tokensPerMinute ?? undefined,
    maxConcurrent: maxConcurrent ?? undefined,
    budgetUnit: budget == null ? 'none' : budget.unit === 'tokens' ? 'tokens' : 'money',
    budget: budget == null ? undefined : budget.unit === 'tokens' ? budget.amount : budget.amount / 1e6,
    models: (models ?? []).join(', '),
    priority: priority ?? undefined,
    weight: weight ?? undefined,
    expires: expiresAt == null ? '' : new Date(expiresAt).toISOString().slice(0, 10),
  }
}

/** What of a key differs from how it was: null takes a limit away. Empty where nothing does. */
export function changesOf(draft: LimitDraft, was: LimitDraft): KeyLimitFields {
  const isOther = (...names: readonly (keyof LimitDraft)[]): boolean =>
    names.some((name) => draft[name] !== was[name])
  const { requestsPerMinute = null, tokensPerMinute = null, maxConcurrent = null } = draft
  const { priority = null, weight = null } = draft
  return {
    ...(isOther('requestsPerMinute') && { requestsPerMinute }),
    ...(isOther('tokensPerMinute') && { tokensPerMinute }),
    ...(isOther('maxConcurrent') && { maxConcurrent }),
    ...(isOther('budgetUnit', 'budget') && { budget: budgetOf(draft) }),
    ...(isOther('models') && { models: modelsOf(draft) }),
    ...(isOther('priority') && { priority }),
    ...(isOther('weight') && { weight }),
    ...(isOther('expires') && { expiresAt: draft.expires === '' ? null : Date.parse(draft.expires) }),
  }
}

function budgetOf({ budgetUnit, budget }: LimitDraft): KeyLimitFields['budget'] {
  if (budgetUnit === 'none' || budget === undefined) return null
  return budgetUnit === 'tokens'
    ? { unit: 'tokens', amount: budget }
    : { unit: 'micros', amount: Math.round(budget * 1e6) }
}

function modelsOf({ models }: LimitDraft): readonly string[] | null {
  const names = models
    .split(/[,，\n]/)
    .map((name) => name.trim())
    .filter((name) => name !== '')
  return names.length === 0 ? null : names
}

export type KeyState = 'active' | 'expired' | 'revoked'

/** `now` by the server's clock. */
export function stateOf({ revokedAt, expiresAt }: ServiceKey, now: number): KeyState {
  if (revokedAt !== undefined) return 'revoked'
  return expiresAt != null && expiresAt <= now ? 'expired' : 'active'
}

export interface BudgetUse {
  readonly used: number
  readonly amount: number
  readonly share: number
  readonly tone: 'good' | 'warn' | 'bad'
}

export function budgetUse(
  { budget }: KeyLimitFields,
  used: { readonly tokens: number; readonly costMicros: number },
): BudgetUse | undefined {
  if (budget == null) return undefined
  const spent = budget.unit === 'tokens' ? used.tokens : used.costMicros
  const share = budget.amount === 0 ? 1 : spent / budget.amount
  return {
    used: spent,
    amount: budget.amount,
    share,
    tone: share >= 1 ? 'bad' : share >= 0.8 ? 'warn' : 'good',
  }
}
