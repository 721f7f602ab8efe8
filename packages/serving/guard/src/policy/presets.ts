/** The named policies. `default` is complete; the others are overrides. */

import type { Role } from '../check.ts'
import type {
  AuditPolicy,
  BudgetPolicy,
  OutputPolicy,
  Policy,
  PolicySettings,
  PresetName,
  ScoredCheck,
  SmoothingPolicy,
} from './policy.ts'

/** Untrusted roles. Operator texts are not screened for attacks, and assistant texts are not prompts. */
const strangers: readonly Role[] = ['user', 'tool']
const day = 24 * 3600_000

/**
 * Used if a budget is enabled without settings.
 *
 * @internal
 */
export const budgetDefaults: BudgetPolicy = {
  blocked: 10,
  nearMissCost: 0.25,
  forgetMillis: 10 * 60_000,
  forgiveness: 2,
  lockoutMillis: 15 * 60_000,
  maxCallers: 100_000,
}
/** @internal */
export const auditDefaults: Omit<AuditPolicy, 'file'> = { retentionMillis: 30 * day, excerptCharacters: 0 }
/** @internal */
export const smoothingDefaults: SmoothingPolicy = { copies: 7, dropped: 0.1 }

const observed: OutputPolicy = {
  holdBackTokens: 0,
  leak: 'flag',
  canary: 'off',
  secrets: 'flag',
  personalData: 'flag',
}
const unseen: OutputPolicy = {
  holdBackTokens: 0,
  leak: 'off',
  canary: 'off',
  secrets: 'off',
  personalData: 'off',
}

/**
 * The policy of the preset `default`, with every field.
 *
 * @example
 * ```ts
 * import { defaultPolicy } from '@hadal/guard'
 *
 * defaultPolicy.checks.secrets.action // → 'flag'
 * defaultPolicy.falsePositiveRate // → 0.01
 * ```
 */
export const defaultPolicy: Policy = {
  preset: 'default',
  falsePositiveRate: 0.01,
  failClosed: true,
  timeoutMillis: 2000,
  maxCharacters: 1_000_000,
  maxTokens: false,
  nearMiss: 3,
  reply: 'I cannot help with that.',
  blockAs: 'answer',
  tokenPrompts: 'allow',
  checks: {
    limits: { action: 'block' },
    controlCharacters: { action: 'flag' },
    // Users who discuss templates paste such markup; attacks that use it are caught by their content.
    chatMarkup: { action: 'flag', roles: strangers },
    attackPhrases: { action: 'block', roles: strangers },
    patterns: { action: 'block' },
    secrets: { action: 'flag', roles: strangers },
    personalData: { action: 'flag', roles: strangers },
    classifier: { action: 'block', roles: strangers },
    similarity: { action: 'block', roles: strangers },
    perplexity: { action: 'flag', roles: strangers },
  },
  patterns: [],
  output: observed,
  smoothing: false,
  roles: {},
  keys: {},
  budget: false,
  audit: false,
  files: {},
  checkModules: [],
  secret: undefined,
}

/**
 * Overrides of each preset.
 *
 * @example
 * ```ts
 * import { presets } from '@hadal/guard'
 *
 * presets.strict.falsePositiveRate // → 0.05
 * ```
 */
export const presets: Readonly<Record<PresetName, PolicySettings>> = {
  default: {},
  strict: {
    falsePositiveRate: 0.05,
    tokenPrompts: 'refuse',
    checks: {
      controlCharacters: { action: 'redact' },
      chatMarkup: { action: 'block' },
      secrets: { action: 'redact' },
      personalData: { action: 'redact' },
    },
    output: {
      holdBackTokens: 24,
      leak: 'block',
      canary: 'block',
      secrets: 'redact',
      personalData: 'redact',
    },
    budget: budgetDefaults,
  },
  watch: {
    failClosed: false,
    checks: {
      limits: { action: 'flag' },
      attackPhrases: { action: 'flag' },
      patterns: { action: 'flag' },
      classifier: { action: 'flag' },
      similarity: { action: 'flag' },
    },
  },
  guide: {
    patterns: [
      {
        name: 'override',
        pattern: String.raw`(ignore|disregard|forget)\s+(all\s+)?(of\s+)?(the\s+|your\s+)?(previous|prior|above)\s+(instructions|prompts|rules)`,
        ignoreCase: true,
      },
      {
        name: 'leak',
        pattern: String.raw`(reveal|show|print|repeat)\s+(me\s+)?(the|your)\s+(system\s+prompt|instructions)`,
        ignoreCase: true,
      },
      {
        name: 'persona',
        pattern: String.raw`you\s+are\s+now\s+(dan\b|in\s+developer\s+mode)`,
        ignoreCase: true,
      },
      { name: 'override-zh', pattern: '(忽略|无视|忘记)(之前|以上|前面)的?(所有)?(指令|指示|提示)' },
    ],
    checks: {
      controlCharacters: { action: 'redact' },
      chatMarkup: { action: 'off' },
      attackPhrases: { action: 'off' },
      secrets: { action: 'off' },
      personalData: { action: 'off' },
      classifier: { action: 'off' },
      similarity: { action: 'block', cosine: 0.8 },
      perplexity: { action: 'off' },
    },
    output: unseen,
  },
  off: {
    failClosed: false,
    checks: {
      limits: { action: 'off' },
      controlCharacters: { action: 'off' },
      chatMarkup: { action: 'off' },
      attackPhrases: { action: 'off' },
      patterns: { action: 'off' },
      secrets: { action: 'off' },
      personalData: { action: 'off' },
      classifier: { action: 'off' },
      similarity: { action: 'off' },
      perplexity: { action: 'off' },
    },
    output: unseen,
  },
}

/**
 * Shares of a policy's false-positive rate: together, the blocking checks stay within it, however correlated they are. The classifier gets
 * most; known attacks match at a small rate as well.
 *
 * @internal
 */
export const rateShares: Readonly<Record<ScoredCheck, number>> = {
  classifier: 0.8,
  similarity: 0.2,
  perplexity: 1,
}
