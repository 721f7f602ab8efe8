/** The interface of checks: input and result. Built-in and custom checks share this signature. */

/**
 * Author of a text. `tool`: content of tools, documents and pages, through which indirect injections enter.
 *
 * @example
 * ```ts
 * import { roles } from '@hadal/guard'
 *
 * roles // → [ 'system', 'user', 'assistant', 'tool' ]
 * ```
 */
export const roles = ['system', 'user', 'assistant', 'tool'] as const
export type Role = (typeof roles)[number]

/** By script: `zh` if Han characters dominate, `en` for Latin letters, otherwise `other`. */
export type Language = 'en' | 'zh' | 'other'

/** In UTF-16 units, end exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** How a view was derived from the previous one. */
export type Transform =
  | 'normalized'
  | 'leetspeak'
  | 'spaced'
  | 'base64'
  | 'hex'
  | 'rot13'
  | 'percent'
  | 'entities'
  | 'tags'
  | (string & {})

/** A decoded or normalized form of a text. Later layers read all of them. */
export interface View {
  /** `original`, or its transforms in order: `base64>rot13`. */
  readonly name: string
  /** Empty for the original. */
  readonly path: readonly Transform[]
  readonly text: string
  /** Maps a span of this view to the smallest span of the original that covers it. */
  toOriginal(span: Span): Span
}

/** Input of a check. */
export interface Screened {
  /** The original text. */
  readonly text: string
  /** The original first, then a bounded number of decoded views. */
  readonly views: readonly View[]
  readonly role: Role
  readonly language: Language
  /** The request's API key; undefined without one. */
  readonly key?: string | undefined
  /** For asynchronous checks: aborted on timeout or disconnect. */
  readonly signal?: AbortSignal
}

export interface Finding {
  /** Rule id, stable across versions: `pii.card`, `classifier.attack`, `similarity.known`. */
  readonly rule: string
  /** In the original text. */
  readonly span: Span
  /** Name of the view it was found in. */
  readonly view: string
  /** A short reason for reviewers; never contains a secret that was found. */
  readonly why: string
  /** Id of the nearest known attack. */
  readonly nearest?: string
  /** Replaces the span if the action is redact: `[card]`. */
  readonly replacement?: string
}

/** Result of a check. */
export interface CheckResult {
  /** Findings trigger the action of the step. Empty: none. */
  readonly findings: readonly Finding[]
  /**
   * 0 to 1: the fraction of benign texts of this language that look less like an attack, by `Calibration`; 1 for deterministic rules. For
   * administrators only; never shown to callers.
   */
  readonly suspicion?: number
  /** Why the check abstained: `language`, `unknown words`. Then there are no findings. */
  readonly abstained?: string
}

/** Deterministic. May throw; the policy decides how failures are handled. */
export type Check = (screened: Screened) => CheckResult | Promise<CheckResult>

/**
 * In increasing severity: the most severe of all findings applies.
 *
 * @example
 * ```ts
 * import { actions } from '@hadal/guard'
 *
 * actions // → [ 'flag', 'redact', 'reply', 'block' ]
 * ```
 */
export const actions = ['flag', 'redact', 'reply', 'block'] as const
export type Action = (typeof actions)[number]

export type Layer = 'rules' | 'classifier' | 'similarity' | 'perplexity' | 'output' | (string & {})

/** A check within a policy. */
export interface Step {
  /** Unique within a policy: `secrets`, `classifier`. */
  readonly name: string
  readonly layer: Layer
  readonly check: Check
  readonly action: Action
  /** Roles it reads; absent: all. */
  readonly roles?: readonly Role[]
}

/**
 * Result of a check without findings.
 *
 * @example
 * ```ts
 * import { type Check, nothing } from '@hadal/guard'
 *
 * const quiet: Check = ({ role }) => (role === 'system' ? nothing : { findings: [], suspicion: 0.2 })
 * ```
 */
export const nothing: CheckResult = { findings: [] }
