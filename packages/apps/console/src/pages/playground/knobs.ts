/**
 * Sampling parameters, one row each, from which panel, request and generated code are derived. Ranges match the server's schema (tested);
 * defaults are llama.cpp's unless the server reports others.
 */

export type KnobGroup = 'length' | 'sampling' | 'repetition' | 'thinking' | 'tokens' | 'more' | 'service'

interface KnobWords {
  readonly en: readonly [label: string, what: string]
  readonly zh: readonly [label: string, what: string]
}

interface KnobBase extends KnobWords {
  /** In the request. */
  readonly name: string
  readonly group: KnobGroup
}

export interface NumberKnob extends KnobBase {
  readonly kind: 'number' | 'integer'
  readonly min: number
  readonly max: number
  readonly step: number
  /** Value used if it is not set. */
  readonly default?: number
  readonly unit?: string
  readonly hasSlider?: boolean
}

export type Knob =
  | NumberKnob
  | (KnobBase & { readonly kind: 'boolean' })
  | (KnobBase & { readonly kind: 'choice'; readonly choices: readonly string[] })
  /** One on each line. */
  | (KnobBase & { readonly kind: 'texts'; readonly most: number })
  /** Token id to additive bias. */
  | (KnobBase & { readonly kind: 'bias' })

const share = { kind: 'number', min: 0, max: 1, step: 0.01, hasSlider: true } as const
const penalty = { kind: 'number', min: -2, max: 2, step: 0.1, hasSlider: true, default: 0 } as const
const count = { kind: 'integer', step: 1 } as const
const most = 0x7fff_ffff

export const knobs: readonly Knob[] = [
  {
    name: 'max_tokens',
    group: 'length',
    ...count,
    min: -1,
    max: most,
    unit: 'tokens',
    en: ['Max tokens', 'Includes reasoning tokens. -1: up to the context length.'],
    zh: ['最大 token 数', '包括推理 token。-1：直到上下文用满。'],
  },
  {
    name: 'min_tokens',
    group: 'length',
    ...count,
    min: 0,
    max: most,
    default: 0,
    unit: 'tokens',
    en: ['Min tokens', 'The model cannot end the response before this many tokens.'],
    zh: ['最小 token 数', '达到该数量之前不允许结束。'],
  },
  {
    name: 'stop',
    group: 'length',
    kind: 'texts',
    most: 64,
    en: ['Stop sequences', 'One per line. Generation stops before the first one that appears.'],
    zh: ['停止序列', '每行一个。遇到其中任意一个即停止，且不包含它。'],
  },
  {
    name: 'ignore_eos',
    group: 'length',
    kind: 'boolean',
    en: ['Ignore EOS', 'The end-of-sequence token is never sampled.'],
    zh: ['忽略结束符', '从不选择结束 token。'],
  },
  {
    name: 'n',
    group: 'length',
    ...count,
    min: 1,
    max: 8,
    default: 1,
    en: ['Completions', 'Responses per request. The prompt is computed once.'],
    zh: ['回答数', '每个请求生成的回答数，提示只计算一次。'],
  },
  {
    name: 'temperature',
    group: 'sampling',
    kind: 'number',
    min: 0,
    max: 2,
    step: 0.05,
    hasSlider: true,
    default: 0.8,
    en: ['Temperature', '0: always the most likely token. Above 1: more random.'],
    zh: ['温度', '0 总取最可能的 token；大于 1 更发散。'],
  },
  {
    name: 'top_p',
    group: 'sampling',
    ...share,
    default: 0.95,
    en: ['Top P', 'Keeps the most likely tokens up to this cumulative probability. 1: off.'],
    zh: ['Top p', '只保留累计概率达到该值的 token。1 为关闭。'],
  },
  {
    name: 'top_k',
    group: 'sampling',
    ...count,
    min: -1,
    max: most,
    default: 40,
    en: ['Top K', 'Keeps the K most likely tokens. 0: off.'],
    zh: ['Top k', '只保留最可能的若干个 token。0 为关闭。'],
  },
  {
    name: 'min_p',
    group: 'sampling',
    ...share,
    default: 0.05,
    en: ['Min P', 'Drops tokens below this share of the highest probability. 0: off.'],
    zh: ['Min p', '只保留概率不低于最大概率该比例的 token。0 为关闭。'],
  },
  {
    name: 'seed',
    group: 'sampling',
    ...count,
    min: -1,
    max: 0xffff_ffff,
    en: ['Seed', 'The same seed and request give the same response. -1 or empty: random.'],
    zh: ['随机种子', '种子与请求相同则回答相同。-1 或留空：每次不同。'],
  },
  {
    name: 'repeat_penalty',
    group: 'repetition',
    kind: 'number',
    min: 0.01,
    max: 10,
    step: 0.05,
    default: 1,
    en: ['Repeat penalty', 'Lowers the score of tokens that already appeared. 1: off.'],
    zh: ['重复惩罚', '降低已出现 token 的得分。1 为关闭。'],
  },
  {
    name: 'repeat_last_n',
    group: 'repetition',
    ...count,
    min: -1,
    max: 65_536,
    default: 64,
    unit: 'tokens',
    en: ['Repeat window', 'Tokens considered by the penalties. -1: the whole context.'],
    zh: ['回看长度', '惩罚回看多远。-1：整个上下文。'],
  },
  {
    name: 'presence_penalty',
    group: 'repetition',
    ...penalty,
    en: ['Presence penalty', 'Applied once to each token that already appeared. 0: off.'],
    zh: ['存在惩罚', '针对出现过的 token，与次数无关。'],
  },
  {
    name: 'frequency_penalty',
    group: 'repetition',
    ...penalty,
    en: ['Frequency penalty', 'Applied per occurrence of a token. 0: off.'],
    zh: ['频率惩罚', '针对出现过的 token，按次数累加。'],
  },
  {
    name: 'dry_multiplier',
    group: 'repetition',
    kind: 'number',
    min: 0,
    max: 100,
    step: 0.1,
    default: 0,
    en: ['DRY multiplier', 'Penalty for repeating an earlier phrase. 0: off.'],
    zh: ['DRY 倍数', '抑制重复先前的短语。0 为关闭。'],
  },
  {
    name: 'dry_base',
    group: 'repetition',
    kind: 'number',
    min: 0,
    max: 100,
    step: 0.05,
    default: 1.75,
    en: ['DRY base', 'Growth of the penalty per additional repeated token.'],
    zh: ['DRY 底数', '短语每多一个 token，惩罚增长的倍数。'],
  },
  {
    name: 'dry_allowed_length',
    group: 'repetition',
    ...count,
    min: 0,
    max: 65_536,
    default: 2,
    unit: 'tokens',
    en: ['DRY allowed length', 'Phrases up to this length can repeat without penalty.'],
    zh: ['DRY 允许长度', '不超过该长度的短语可以重复。'],
  },
  {
    name: 'dry_penalty_last_n',
    group: 'repetition',
    ...count,
    min: -1,
    max: 65_536,
    default: 64,
    unit: 'tokens',
    en: ['DRY window', 'Tokens considered. -1: the whole context.'],
    zh: ['DRY 回看长度', '-1：整个上下文。'],
  },
  {
    name: 'dry_sequence_breakers',
    group: 'repetition',
    kind: 'texts',
    most: 64,
    en: ['DRY sequence breakers', 'One per line. A phrase ends at each breaker.'],
    zh: ['DRY 分隔', '每行一个：短语在此结束。'],
  },
  {
    name: 'reasoning_effort',
    group: 'thinking',
    kind: 'choice',
    choices: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'],
    en: ['Reasoning effort', 'How much a reasoning model thinks before it responds.'],
    zh: ['推理强度', '推理模型思考多久。'],
  },
  {
    name: 'enable_thinking',
    group: 'thinking',
    kind: 'choice',
    choices: ['true', 'false'],
    en: ['Enable thinking', 'Turns reasoning on or off, if the chat template supports it.'],
    zh: ['启用思考', '是否推理（模板支持时有效）。'],
  },
  {
    name: 'thinking_budget_tokens',
    group: 'thinking',
    ...count,
    min: -1,
    max: most,
    unit: 'tokens',
    en: ['Thinking budget', 'Max reasoning tokens. -1: unlimited.'],
    zh: ['推理预算', '推理 token 上限。-1：无限制。'],
  },
  {
    name: 'logprobs',
    group: 'tokens',
    kind: 'boolean',
    en: ['Logprobs', 'Returns the log probability of each token of the response.'],
    zh: ['对数概率', '给出回答中每个 token 的对数概率。'],
  },
  {
    name: 'top_logprobs',
    group: 'tokens',
    ...count,
    min: 0,
    max: 20,
    default: 5,
    en: ['Top logprobs', 'Alternative tokens returned per position.'],
    zh: ['Top logprobs', '每个位置给出多少个备选 token。'],
  },
  {
    name: 'post_sampling_probs',
    group: 'tokens',
    kind: 'boolean',
    en: [
      'Post-sampling probabilities',
      'Returns probabilities after the samplers instead of the raw ones of the model.',
    ],
    zh: ['采样后概率', '给出采样器筛选之后的概率，而非模型原始概率。'],
  },
  {
    name: 'logit_bias',
    group: 'tokens',
    kind: 'bias',
    en: ['Logit bias', 'One token ID and bias per line: 1234 -5'],
    zh: ['偏置', '每行一个 token id 与加到其得分上的值：1234 -5'],
  },
  {
    name: 'typical_p',
    group: 'more',
    ...share,
    default: 1,
    en: ['Typical P', 'Keeps tokens whose information content is close to the expected one. 1: off.'],
    zh: ['Typical p', '只保留信息量接近平均的 token。1 为关闭。'],
  },
  {
    name: 'top_n_sigma',
    group: 'more',
    kind: 'number',
    min: -1,
    max: 100,
    step: 0.1,
    default: -1,
    en: ['Top-n sigma', 'Keeps tokens within n standard deviations of the highest logit. -1: off.'],
    zh: ['Top n sigma', '只保留与最高分相差若干个标准差以内的 token。-1 为关闭。'],
  },
  {
    name: 'xtc_probability',
    group: 'more',
    ...share,
    default: 0,
    en: ['XTC probability', 'Chance of removing the most likely tokens. 0: off.'],
    zh: ['XTC 概率', '以多大概率排除最可能的 token。0 为关闭。'],
  },
  {
    name: 'xtc_threshold',
    group: 'more',
    ...share,
    default: 0.1,
    en: [
      'XTC threshold',
      'Tokens at or above this probability are removed, except the least likely of them.',
    ],
    zh: ['XTC 阈值', '概率不低于该值的 token（除最后一个）会被排除。'],
  },
  {
    name: 'dynatemp_range',
    group: 'more',
    kind: 'number',
    min: 0,
    max: 2,
    step: 0.05,
    default: 0,
    en: ['Dynatemp range', 'Temperature varies by up to this amount with the entropy. 0: off.'],
    zh: ['动态温度范围', '温度随熵变化的最大幅度。0 为关闭。'],
  },
  {
    name: 'dynatemp_exponent',
    group: 'more',
    kind: 'number',
    min: 0,
    max: 100,
    step: 0.1,
    default: 1,
    en: ['Dynatemp exponent', 'Maps entropy to temperature. 1: linear.'],
    zh: ['动态温度指数', '熵到温度的映射。1 为线性。'],
  },
  {
    name: 'mirostat',
    group: 'more',
    kind: 'choice',
    choices: ['0', '1', '2'],
    en: ['Mirostat', 'Keeps perplexity constant: version 1 or 2. 0: off.'],
    zh: ['Mirostat', '使文本保持恒定的信息量：版本 1 或 2。0 为关闭。'],
  },
  {
    name: 'mirostat_tau',
    group: 'more',
    kind: 'number',
    min: 0,
    max: 100,
    step: 0.1,
    default: 5,
    unit: 'bits',
    en: ['Mirostat tau', 'Target surprise per token.'],
    zh: ['Mirostat tau', '目标信息量。'],
  },
  {
    name: 'mirostat_eta',
    group: 'more',
    ...share,
    default: 0.1,
    en: ['Mirostat eta', 'Learning rate.'],
    zh: ['Mirostat eta', '修正速度。'],
  },
  {
    name: 'min_keep',
    group: 'more',
    ...count,
    min: 0,
    max: 65_536,
    default: 0,
    en: ['Min keep', 'Truncating samplers keep at least this many tokens.'],
    zh: ['至少保留', '截断采样器至少保留多少个 token。'],
  },
  {
    name: 'priority',
    group: 'service',
    ...count,
    min: -1000,
    max: 1000,
    default: 0,
    en: ['Priority', 'Lower values run first.'],
    zh: ['优先级', '越小越先处理。'],
  },
  {
    name: 'deadline_ms',
    group: 'service',
    ...count,
    min: 1,
    max: 86_400_000,
    unit: 'ms',
    en: [
      'Deadline',
      'Time limit for the first token. Requests that cannot meet it are rejected immediately.',
    ],
    zh: ['截止时间', '首 token 的时限；无法满足的请求会立即被拒绝。'],
  },
  {
    name: 'cache_prompt',
    group: 'service',
    kind: 'choice',
    choices: ['true', 'false'],
    en: ['Cache prompt', 'Reuses the cached prefix of earlier prompts.'],
    zh: ['前缀缓存', '提示能否复用先前请求留下的前缀。'],
  },
]

export const knobGroups: readonly { readonly id: KnobGroup; readonly en: string; readonly zh: string }[] = [
  { id: 'sampling', en: 'Sampling', zh: '采样' },
  { id: 'length', en: 'Length', zh: '长度' },
  { id: 'repetition', en: 'Penalties', zh: '惩罚' },
  { id: 'thinking', en: 'Reasoning', zh: '推理' },
  { id: 'tokens', en: 'Logprobs and bias', zh: '概率与偏置' },
  { id: 'more', en: 'Advanced sampling', zh: '高级采样' },
  { id: 'service', en: 'Scheduling', zh: '调度' },
]

export const knobOf = (name: string): Knob | undefined => knobs.find((knob) => knob.name === name)

/** The validation issue of a value; undefined if it is valid. */
export function issueOf(knob: Knob, value: unknown): 'range' | 'whole' | 'lines' | undefined {
  if (knob.kind === 'number' || knob.kind === 'integer') {
    if (typeof value !== 'number' || Number.isNaN(value) || value < knob.min || value > knob.max)
      return 'range'
    if (knob.kind === 'integer' && !Number.isInteger(value)) return 'whole'
  }
  if (knob.kind === 'bias' && Object.values(value as object).some((bias) => !(Math.abs(bias) <= 100)))
    return 'lines'
  if (knob.kind === 'texts' && (!Array.isArray(value) || value.length > knob.most)) return 'lines'
  return undefined
}
