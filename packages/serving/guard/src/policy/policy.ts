/**
 * What a policy says: for a service, for the roles of texts, and for API keys. Data only, so that it can stand in a config file;
 * `policy-fields.ts` is the table of what may be written. Knows no check.
 */

import type { Action, Role } from '../check.ts'

/**
 * The checks that a guard comes with, cheapest first: the order they run in.
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

/** Those whose threshold is a false-positive rate. */
export type ScoredCheck = 'classifier' | 'similarity' | 'perplexity'

/** @internal */
export function isScored(name: CheckName): name is ScoredCheck {
  return name === 'classifier' || name === 'similarity' || name === 'perplexity'
}

export type ActionOrOff = Action | 'off'

export interface CheckPolicy {
  readonly action: ActionOrOff
  /** Whose words it reads; absent: everybody's. */
  readonly roles?: readonly Role[]
  /** Of a scored check, in place of its part of the policy's. */
  readonly falsePositiveRate?: number
  /** Of `similarity`: a flat cosine in place of a rate. */
  readonly cosine?: number
  /** Of `secrets` and `personalData`: only these. */
  readonly kinds?: readonly string[]
}

/** A regular expression of the operator's, without catastrophes: RE2's syntax. */
export interface PatternPolicy {
  readonly name: string
  readonly pattern: string
  readonly ignoreCase?: boolean
  /** As that of the check `patterns` where nothing is said. */
  readonly action?: ActionOrOff
  readonly why?: string
  /** Where the action is to redact: `[order]`. */
  readonly replacement?: string
}

/** What is done with what a model writes. */
export interface OutputPolicy {
  /** Tokens that are checked before they are sent; 0 only observes: what was sent is never taken back. */
  readonly holdBackTokens: number
  readonly leak: ActionOrOff
  /** Any action puts a canary into the system prompt and looks for it. */
  readonly canary: ActionOrOff
  readonly secrets: ActionOrOff
  readonly personalData: ActionOrOff
}

export interface SmoothingPolicy {
  readonly copies: number
  /** Share of words that each copy leaves out. */
  readonly dropped: number
}

/** What holds for one role of one key. */
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
  /** Blocked queries that a caller may make at once. */
  readonly blocked: number
  /** What a near miss counts, in blocked queries. */
  readonly nearMissCost: number
  /** One blocked query is forgotten each time. */
  readonly forgetMillis: number
  /** What a query that was let through makes up for, in multiples of what benign ones cost on average. */
  readonly forgiveness: number
  readonly lockoutMillis: number
  /** Callers that are remembered. */
  readonly maxCallers: number
}

export interface AuditPolicy {
  readonly file: string
  readonly retentionMillis: number
  /** 0: no texts are kept. */
  readonly excerptCharacters: number
}

/** What was learned elsewhere, in place of what comes with the package or beside it. */
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
 * The policies that have a name.
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

/** Anything that is left out is as the preset, or what stands above it, says. */
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

/** As people write it: the name of a preset, or settings, where a check may be just its action and durations have a unit. */
export type PolicyAsWritten =
  | PresetName
  | (WrittenForKey &
      Omit<PolicySettings, keyof KeyPolicySettings | 'keys' | 'budget' | 'audit'> & {
        readonly keys?: Readonly<Record<string, WrittenForKey>>
        readonly budget?: WithUnits<Partial<BudgetPolicy>> | false
        readonly audit?: WithUnits<Partial<AuditPolicy>> | false
      })
