/** Request defaults, and what clients may see and change. */

import { flag, number, oneOf, optional, wholeNumber } from '../kinds.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface RequestsSettings {
  /** Of requests that say nothing, as all of this group: how random the choice of tokens is; 0 always takes the likeliest. */
  readonly temperature: number | undefined
  /** Only so many of the likeliest tokens can be chosen; 0 turns it off. */
  readonly topK: number | undefined
  /** Only the likeliest tokens that make up this probability can be chosen; 1 turns it off. */
  readonly topP: number | undefined
  /** Only tokens can be chosen that are at least so likely, relative to the likeliest; 0 turns it off. */
  readonly minP: number | undefined
  /** How much less likely tokens become that came before; 1 turns it off. */
  readonly repeatPenalty: number | undefined
  /** What is taken from the logits of tokens that came before. */
  readonly presencePenalty: number | undefined
  /** The same for each time they came. */
  readonly frequencyPenalty: number | undefined
  /** Where chance begins: requests with the same seed get the same text. */
  readonly seed: number | undefined
  /** Longest answer of requests that do not say how long it may be. */
  readonly maxTokens: number | undefined
  /** Whether a model that can do either thinks before it answers. */
  readonly thinking: boolean | undefined
  /** Tokens of thought before an answer, at most; then the answer has to begin. */
  readonly thinkingBudget: number | undefined
  /** How hard a model thinks whose template knows efforts. */
  readonly reasoningEffort: 'low' | 'medium' | 'high' | 'max' | undefined
  /** Answers of chats say what the model was given, in llama-server’s `__verbose`. */
  readonly verboseAnswers: boolean
  /** Refuse requests with fields that are not known here, instead of naming them in a header. */
  readonly strictParameters: boolean
}

export const requestsSettings: SettingsTable<RequestsSettings> = {
  temperature: setting({
    kind: optional(number(0, 100)),
    default: undefined,
    defaultDoc: '0.8',
    doc: 'Of requests that say nothing, as all of this group: how random the choice of tokens is; 0 always takes the likeliest.',
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
    doc: 'Only so many of the likeliest tokens can be chosen; 0 turns it off.',
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
    doc: 'Only the likeliest tokens that make up this probability can be chosen; 1 turns it off.',
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
    doc: 'Only tokens can be chosen that are at least so likely, relative to the likeliest; 0 turns it off.',
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
    doc: 'How much less likely tokens become that came before; 1 turns it off.',
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
    doc: 'What is taken from the logits of tokens that came before.',
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
    doc: 'The same for each time they came.',
    group: 'Requests',
    unit: null,
    flag: '--frequency-penalty <number>',
    env: 'HADAL_FREQUENCY_PENALTY',
    reload: 'live',
  }),
  seed: setting({
    kind: optional(wholeNumber(0, 4_294_967_295)),
    default: undefined,
    defaultDoc: 'a fresh one for each request',
    doc: 'Where chance begins: requests with the same seed get the same text.',
    group: 'Requests',
    unit: null,
    flag: '--seed <number>',
    env: 'HADAL_SEED',
    reload: 'live',
  }),
  maxTokens: setting({
    kind: optional(wholeNumber(1, 16_777_216)),
    default: undefined,
    defaultDoc: 'what the API or the context allows',
    doc: 'Longest answer of requests that do not say how long it may be.',
    group: 'Requests',
    unit: 'tokens',
    flag: '--max-tokens <tokens>',
    env: 'HADAL_MAX_TOKENS',
    reload: 'live',
  }),
  thinking: setting({
    kind: optional(flag),
    default: undefined,
    defaultDoc: 'as the template has it',
    doc: 'Whether a model that can do either thinks before it answers.',
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
    doc: 'Tokens of thought before an answer, at most; then the answer has to begin.',
    group: 'Requests',
    unit: 'tokens',
    flag: '--thinking-budget <tokens>',
    env: 'HADAL_THINKING_BUDGET',
    reload: 'live',
  }),
  reasoningEffort: setting({
    kind: optional(oneOf('low', 'medium', 'high', 'max')),
    default: undefined,
    defaultDoc: 'as the template has it',
    doc: 'How hard a model thinks whose template knows efforts.',
    group: 'Requests',
    unit: null,
    flag: '--reasoning-effort <effort>',
    env: 'HADAL_REASONING_EFFORT',
    reload: 'live',
  }),
  verboseAnswers: setting({
    kind: flag,
    default: false,
    doc: 'Answers of chats say what the model was given, in llama-server’s `__verbose`.',
    group: 'Requests',
    unit: null,
    flag: '--verbose-answers',
    env: 'HADAL_VERBOSE_ANSWERS',
    reload: 'live',
  }),
  strictParameters: setting({
    kind: flag,
    default: false,
    doc: 'Refuse requests with fields that are not known here, instead of naming them in a header.',
    group: 'Requests',
    unit: null,
    flag: '--strict-parameters',
    env: 'HADAL_STRICT_PARAMETERS',
    reload: 'live',
  }),
}
