/**
 * A policy: for the service, for roles, and for API keys. Pure data, so that it can be part of a config file; `policy-fields.ts` lists the
 * allowed values.
 */

import type { Action, Role } from '../check.ts'

/**
 * The built-in checks in execution order, cheapest first.
 *
 * @example
 * ```ts
 * import { checkNames } from '@hadal/guard'
 *
 * checkNames // → [ 'limits', 'controlCharacters', 'chatMarkup', 'patterns', 'attackPhrases', 'secrets', 'personalData', 'classifier', 'similarity', 'perplexity' ]
 * ```
 */
export const checkNames = [
  'limits',
  'controlCharacters',
  'chatMarkup',
  'patterns',
  'attackPhrases',
  'secrets',
  'personalData',
  'classifier',
  'similarity',
  'perplexity',
] as const
export type CheckName = (typeof checkNames)[number]

/** Checks whose threshold is a false-positive rate. */
export type ScoredCheck = 'classifier' | 'similarity' | 'perplexity'

/** @internal */
export function isScored(name: CheckName): name is ScoredCheck {
  return name === 'classifier' || name === 'similarity' || name === 'perplexity'
}

export type ActionOrOff = Action | 'off'

export interface CheckPolicy {
  readonly action: ActionOrOff
  /** Roles it reads; absent: all. */
  readonly roles?: readonly Role[]
  /** For a scored check: overrides its share of the policy's rate. */
  readonly falsePositiveRate?: number
  /** For `similarity`: a fixed cosine threshold instead of a rate. */
  readonly cosine?: number
  /** For `secrets` and `personalData`: only these kinds. */
  readonly kinds?: readonly string[]
}

/** A custom regular expression in RE2 syntax, which runs in linear time. */
export interface PatternPolicy {
  readonly name: string
  readonly pattern: string
  readonly ignoreCase?: boolean
  /** Default: the action of the check `patterns`. */
  readonly action?: ActionOrOff
  readonly why?: string
  /** For redaction: `[order]`. */
  readonly replacement?: string
}

/** Handling of model output. */
export interface OutputPolicy {
  /** Tokens held back for screening before they are sent; 0 only observes, because sent text cannot be retracted. */
  readonly holdBackTokens: number
  readonly leak: ActionOrOff
  /** Any action inserts a canary into the system prompt and checks output for it. */
  readonly canary: ActionOrOff
  readonly secrets: ActionOrOff
  readonly personalData: ActionOrOff
}

export interface SmoothingPolicy {
  readonly copies: number
  /** Fraction of words each copy omits. */
  readonly dropped: number
}

/** The effective policy for one role and key. */
export interface RolePolicy {
  readonly falsePositiveRate: number
  readonly failClosed: boolean
  readonly timeoutMillis: number
  readonly maxCharacters: number
  readonly maxTokens: number | false
  readonly nearMiss: number
  readonly reply: string
  readonly blockAs: 'answer' | 'error'
  readonly tokenPrompts: 'allow' | 'refuse'
  readonly checks: Readonly<Record<CheckName, CheckPolicy>>
  readonly patterns: readonly PatternPolicy[]
  readonly output: OutputPolicy
  readonly smoothing: SmoothingPolicy | false
}

export interface BudgetPolicy {
  /** Blocked queries a caller may make in a burst. */
  readonly blocked: number
  /** Cost of a near miss, in blocked queries. */
  readonly nearMissCost: number
  /** One blocked query decays per this time. */
  readonly forgetMillis: number
  /** Credit per passed query, as a multiple of a benign query's average cost. */
  readonly forgiveness: number
  readonly lockoutMillis: number
  /** Maximum callers tracked. */
  readonly maxCallers: number
}

export interface AuditPolicy {
  readonly file: string
  readonly retentionMillis: number
  /** 0: texts are not stored. */
  readonly excerptCharacters: number
}

/** Custom trained files that replace or extend the bundled ones. */
export interface GuardFiles {
  readonly classifier?: string
  readonly attacks?: string
  readonly calibration?: string
}

export interface Policy extends RolePolicy {
  readonly preset: PresetName
  readonly roles: Readonly<Partial<Record<Role, RolePolicySettings>>>
  readonly keys: Readonly<Record<string, KeyPolicySettings>>
  readonly budget: BudgetPolicy | false
  readonly audit: AuditPolicy | false
  readonly files: GuardFiles
  readonly checkModules: readonly string[]
  readonly secret: string | undefined
}

/**
 * The named policies.
 *
 * @example
 * ```ts
 * import { presetNames } from '@hadal/guard'
 *
 * presetNames // → [ 'default', 'strict', 'watch', 'guide', 'off' ]
 * ```
 */
export const presetNames = ['default', 'strict', 'watch', 'guide', 'off'] as const
export type PresetName = (typeof presetNames)[number]

/** Omitted settings are inherited from the preset or the enclosing level. */
export type RolePolicySettings = {
  readonly [K in Exclude<keyof RolePolicy, 'checks' | 'output' | 'smoothing'>]?: RolePolicy[K]
} & {
  readonly checks?: Readonly<Partial<Record<CheckName, Partial<CheckPolicy>>>>
  readonly output?: Partial<OutputPolicy>
  readonly smoothing?: Partial<SmoothingPolicy> | false
}

export interface KeyPolicySettings extends RolePolicySettings {
  readonly roles?: Readonly<Partial<Record<Role, RolePolicySettings>>>
}

export interface PolicySettings extends KeyPolicySettings {
  readonly preset?: PresetName
  readonly keys?: Readonly<Record<string, KeyPolicySettings>>
  readonly budget?: Partial<BudgetPolicy> | false
  readonly audit?: Partial<AuditPolicy> | false
  readonly files?: GuardFiles
  readonly checkModules?: readonly string[]
  readonly secret?: string
}

type Duration = `${number}${'ms' | 's' | 'm' | 'h'}`
type WithUnits<T> = { readonly [K in keyof T]: K extends `${string}Millis` ? T[K] | Duration : T[K] }
type WrittenForRole = WithUnits<Omit<RolePolicySettings, 'checks'>> & {
  readonly checks?: Readonly<Partial<Record<CheckName, ActionOrOff | Partial<CheckPolicy>>>>
}
type WrittenForKey = WrittenForRole & { readonly roles?: Readonly<Partial<Record<Role, WrittenForRole>>> }

/** A policy as written in a config: a preset name, or settings, in which a check may be just its action and durations have units. */
export type PolicyAsWritten =
  | PresetName
  | (WrittenForKey &
      Omit<PolicySettings, keyof KeyPolicySettings | 'keys' | 'budget' | 'audit'> & {
        readonly keys?: Readonly<Record<string, WrittenForKey>>
        readonly budget?: WithUnits<Partial<BudgetPolicy>> | false
        readonly audit?: WithUnits<Partial<AuditPolicy>> | false
      })
