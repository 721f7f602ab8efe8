/** Request defaults, and what clients may see and change. */

import { flag, number, oneOf, optional, wholeNumber } from '../kinds.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface RequestsSettings {
  /** Default sampling temperature; 0 is greedy. Like all settings of this group, requests can override it. */
  readonly temperature: number | undefined
  /** Default top-k sampling: the number of most likely tokens to sample from; 0 disables it. */
  readonly topK: number | undefined
  /** Default top-p (nucleus) sampling: the cumulative probability to sample from; 1 disables it. */
  readonly topP: number | undefined
  /** Default min-p sampling: the minimum probability relative to the most likely token; 0 disables it. */
  readonly minP: number | undefined
  /** Default repetition penalty for earlier tokens; 1 disables it. */
  readonly repeatPenalty: number | undefined
  /** Default presence penalty, subtracted from the logits of earlier tokens. */
  readonly presencePenalty: number | undefined
  /** Default frequency penalty, subtracted once per earlier occurrence. */
  readonly frequencyPenalty: number | undefined
  /** Random seed. Requests with the same seed produce the same text. */
  readonly seed: number | undefined
  /** Default maximum number of completion tokens. */
  readonly maxTokens: number | undefined
  /** Default for thinking before the response, in models that support both modes. */
  readonly thinking: boolean | undefined
  /** Maximum number of thinking tokens before the response. */
  readonly thinkingBudget: number | undefined
  /** Reasoning effort, for templates that support it. */
  readonly reasoningEffort: 'low' | 'medium' | 'high' | 'max' | undefined
  /** Include the rendered prompt in chat responses, in llama-server’s `__verbose` field. */
  readonly verboseAnswers: boolean
  /** Reject requests with unknown fields instead of reporting them in a header. */
  readonly strictParameters: boolean
}

export const requestsSettings: SettingsTable<RequestsSettings> = {
  temperature: setting({
    kind: optional(number(0, 100)),
    default: undefined,
    defaultDoc: '0.8',
    doc: 'Default sampling temperature; 0 is greedy. Like all settings of this group, requests can override it.',
    group: 'Requests',
    unit: null,
    flag: '--temperature <number>',
    env: 'HADAL_TEMPERATURE',
    reload: 'live',
  }),
  topK: setting({
    kind: optional(wholeNumber(0, 2_147_483_647)),
    default: undefined,
    defaultDoc: '40',
    doc: 'Default top-k sampling: the number of most likely tokens to sample from; 0 disables it.',
    group: 'Requests',
    unit: 'tokens',
    flag: '--top-k <number>',
    env: 'HADAL_TOP_K',
    reload: 'live',
  }),
  topP: setting({
    kind: optional(number(0, 1)),
    default: undefined,
    defaultDoc: '0.95',
    doc: 'Default top-p (nucleus) sampling: the cumulative probability to sample from; 1 disables it.',
    group: 'Requests',
    unit: null,
    flag: '--top-p <number>',
    env: 'HADAL_TOP_P',
    reload: 'live',
  }),
  minP: setting({
    kind: optional(number(0, 1)),
    default: undefined,
    defaultDoc: '0.05',
    doc: 'Default min-p sampling: the minimum probability relative to the most likely token; 0 disables it.',
    group: 'Requests',
    unit: null,
    flag: '--min-p <number>',
    env: 'HADAL_MIN_P',
    reload: 'live',
  }),
  repeatPenalty: setting({
    kind: optional(number(0.01, 10)),
    default: undefined,
    defaultDoc: '1',
    doc: 'Default repetition penalty for earlier tokens; 1 disables it.',
    group: 'Requests',
    unit: null,
    flag: '--repeat-penalty <number>',
    env: 'HADAL_REPEAT_PENALTY',
    reload: 'live',
  }),
  presencePenalty: setting({
    kind: optional(number(-2, 2)),
    default: undefined,
    defaultDoc: '0',
    doc: 'Default presence penalty, subtracted from the logits of earlier tokens.',
    group: 'Requests',
    unit: null,
    flag: '--presence-penalty <number>',
    env: 'HADAL_PRESENCE_PENALTY',
    reload: 'live',
  }),
  frequencyPenalty: setting({
    kind: optional(number(-2, 2)),
    default: undefined,
    defaultDoc: '0',
    doc: 'Default frequency penalty, subtracted once per earlier occurrence.',
    group: 'Requests',
    unit: null,
    flag: '--frequency-penalty <number>',
    env: 'HADAL_FREQUENCY_PENALTY',
    reload: 'live',
  }),
  seed: setting({
    kind: optional(wholeNumber(0, 4_294_967_295)),
    default: undefined,
    defaultDoc: 'a new seed for each request',
    doc: 'Random seed. Requests with the same seed produce the same text.',
    group: 'Requests',
    unit: null,
    flag: '--seed <number>',
    env: 'HADAL_SEED',
    reload: 'live',
  }),
  maxTokens: setting({
    kind: optional(wholeNumber(1, 16_777_216)),
    default: undefined,
    defaultDoc: 'the limit of the API or the context',
    doc: 'Default maximum number of completion tokens.',
    group: 'Requests',
    unit: 'tokens',
    flag: '--max-tokens <tokens>',
    env: 'HADAL_MAX_TOKENS',
    reload: 'live',
  }),
  thinking: setting({
    kind: optional(flag),
    default: undefined,
    defaultDoc: 'from the template',
    doc: 'Default for thinking before the response, in models that support both modes.',
    group: 'Requests',
    unit: null,
    flag: '--thinking <boolean>',
    env: 'HADAL_THINKING',
    reload: 'live',
  }),
  thinkingBudget: setting({
    kind: optional(wholeNumber(0)),
    default: undefined,
    defaultDoc: 'no limit',
    doc: 'Maximum number of thinking tokens before the response.',
    group: 'Requests',
    unit: 'tokens',
    flag: '--thinking-budget <tokens>',
    env: 'HADAL_THINKING_BUDGET',
    reload: 'live',
  }),
  reasoningEffort: setting({
    kind: optional(oneOf('low', 'medium', 'high', 'max')),
    default: undefined,
    defaultDoc: 'from the template',
    doc: 'Reasoning effort, for templates that support it.',
    group: 'Requests',
    unit: null,
    flag: '--reasoning-effort <effort>',
    env: 'HADAL_REASONING_EFFORT',
    reload: 'live',
  }),
  verboseAnswers: setting({
    kind: flag,
    default: false,
    doc: 'Include the rendered prompt in chat responses, in llama-server’s `__verbose` field.',
    group: 'Requests',
    unit: null,
    flag: '--verbose-answers',
    env: 'HADAL_VERBOSE_ANSWERS',
    reload: 'live',
  }),
  strictParameters: setting({
    kind: flag,
    default: false,
    doc: 'Reject requests with unknown fields instead of reporting them in a header.',
    group: 'Requests',
    unit: null,
    flag: '--strict-parameters',
    env: 'HADAL_STRICT_PARAMETERS',
    reload: 'live',
  }),
}
