/**
 * The one door of the house: what a check is asked and what it says. The built-in checks and a user's own have the same
 * signature. Knows no layer, no policy and no server.
 */

/**
 * Whose words a text is. `tool`: what tools, documents and pages say, where attacks come in that no user wrote.
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

/** By script: `zh` where Han characters carry the text, `en` where Latin letters do, `other` where neither does. */
export type Language = 'en' | 'zh' | 'other'

/** In UTF-16 units, the end not included. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** How a view was made of the one before it. */
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

/** One way of reading a text. Later layers read every one. */
export interface View {
  /** `original`, or its transforms in order: `base64>rot13`. */
  readonly name: string
  /** Empty for the original. */
  readonly path: readonly Transform[]
  readonly text: string
  /** Where in the original text a span of this view comes from: the least span that holds all of it. */
  toOriginal(span: Span): Span
}

/** What a check is asked. */
export interface Screened {
  /** As it came. */
  readonly text: string
  /** The original first; then what was decoded of it, at most a bounded number. */
  readonly views: readonly View[]
  readonly role: Role
  readonly language: Language
  /** Of the key that asks; undefined where there is none. */
  readonly key?: string | undefined
  /** For checks that wait: aborted where they took too long, or nobody waits any more. */
  readonly signal?: AbortSignal
}

export interface Finding {
  /** What was found, stable over versions: `pii.card`, `classifier.attack`, `similarity.known`. */
  readonly rule: string
  /** Of the original text. */
  readonly span: Span
  /** Name of the view it was found in. */
  readonly view: string
  /** For people who read a verdict: a few words, never the secret that was found. */
  readonly why: string
  /** Id of the nearest known attack. */
  readonly nearest?: string
  /** Instead of the span, where the action is to redact: `[card]`. */
  readonly replacement?: string
}

/** What a check says. */
export interface CheckResult {
  /** What the action of its step is taken for. Empty: nothing. */
  readonly findings: readonly Finding[]
  /**
   * 0 to 1: the share of benign texts of this language that look less like an attack, as `Calibration` measured it; 1 for
   * rules that are certain. For administrators only: no caller ever sees it.
   */
  readonly suspicion?: number
  /** Why it could not say anything: `language`, `unknown words`. Then there are no findings. */
  readonly abstained?: string
}

/** Pure, or as good as: the same question gets the same answer. May throw: the policy says what becomes of that. */
export type Check = (asked: Screened) => CheckResult | Promise<CheckResult>

/**
 * From the least to the most severe: the severest of all findings counts.
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
  /** Whose words it reads; absent: everybody's. */
  readonly roles?: readonly Role[]
}

/**
 * What a check gives that found nothing.
 *
 * @example
 * ```ts
 * import { type Check, nothing } from '@hadal/guard'
 *
 * const quiet: Check = ({ role }) => (role === 'system' ? nothing : { findings: [], suspicion: 0.2 })
 * ```
 */
export const nothing: CheckResult = { findings: [] }
