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
  /** What holds where it is not turned. */
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
    en: ['Longest answer', 'Tokens, reasoning included. -1: as long as the context allows.'],
    zh: ['最大长度', '以 token 计，包括推理。-1：直到上下文用满。'],
  },
  {
    name: 'min_tokens',
    group: 'length',
    ...count,
    min: 0,
    max: most,
    default: 0,
    unit: 'tokens',
    en: ['Shortest answer', 'The end of the text is not allowed before.'],
    zh: ['最小长度', '在此之前不允许结束。'],
  },
  {
    name: 'stop',
    group: 'length',
    kind: 'texts',
    most: 64,
    en: ['Stop texts', 'One on each line. The answer ends before the first that appears.'],
    zh: ['停止文本', '每行一个。遇到其中任意一个即停止，且不包含它。'],
  },
  {
    name: 'ignore_eos',
    group: 'length',
    kind: 'boolean',
    en: ['Do not end', 'The token that ends a text is never chosen.'],
    zh: ['忽略结束符', '从不选择结束 token。'],
  },
  {
    name: 'n',
    group: 'length',
    ...count,
    min: 1,
    max: 8,
    default: 1,
    en: ['Answers', 'Several versions at once; the prompt is computed once.'],
    zh: ['回答数', '一次生成多个版本，提示只计算一次。'],
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
    en: ['Temperature', '0 always takes the likeliest token; above 1 is wild.'],
    zh: ['温度', '0 总取最可能的 token；大于 1 更发散。'],
  },
  {
    name: 'top_p',
    group: 'sampling',
    ...share,
    default: 0.95,
    en: ['Top p', 'Only the likeliest tokens whose probabilities add up to this. 1 is off.'],
    zh: ['Top p', '只保留累计概率达到该值的 token。1 为关闭。'],
  },
  {
    name: 'top_k',
    group: 'sampling',
    ...count,
    min: -1,
    max: most,
    default: 40,
    en: ['Top k', 'Only as many of the likeliest tokens. 0 is off.'],
    zh: ['Top k', '只保留最可能的若干个 token。0 为关闭。'],
  },
  {
    name: 'min_p',
    group: 'sampling',
    ...share,
    default: 0.05,
    en: ['Min p', 'Only tokens at least this likely, as a share of the likeliest. 0 is off.'],
    zh: ['Min p', '只保留概率不低于最大概率该比例的 token。0 为关闭。'],
  },
  {
    name: 'seed',
    group: 'sampling',
    ...count,
    min: -1,
    max: 0xffff_ffff,
    en: ['Seed', 'The same seed and request give the same answer. -1 or nothing: another each time.'],
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
    en: ['Repeat penalty', 'Divides the score of tokens that stood there already. 1 is off.'],
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
    en: ['Looks back', 'How far penalties look. -1: the whole context.'],
    zh: ['回看长度', '惩罚回看多远。-1：整个上下文。'],
  },
  {
    name: 'presence_penalty',
    group: 'repetition',
    ...penalty,
    en: ['Presence penalty', 'Against each token that stood there at all.'],
    zh: ['存在惩罚', '针对出现过的 token，与次数无关。'],
  },
  {
    name: 'frequency_penalty',
    group: 'repetition',
    ...penalty,
    en: ['Frequency penalty', 'Against each token, by how often it stood there.'],
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
    en: ['DRY strength', 'Against going on with a phrase that stood there before. 0 is off.'],
    zh: ['DRY 强度', '抑制重复先前的短语。0 为关闭。'],
  },
  {
    name: 'dry_base',
    group: 'repetition',
    kind: 'number',
    min: 0,
    max: 100,
    step: 0.05,
    default: 1.75,
    en: ['DRY base', 'By how much each further token of the phrase counts more.'],
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
    en: ['DRY allowed', 'Phrases up to this length may be said again.'],
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
    en: ['DRY looks back', '-1: the whole context.'],
    zh: ['DRY 回看长度', '-1：整个上下文。'],
  },
  {
    name: 'dry_sequence_breakers',
    group: 'repetition',
    kind: 'texts',
    most: 64,
    en: ['DRY breakers', 'One on each line: a phrase ends there.'],
    zh: ['DRY 分隔', '每行一个：短语在此结束。'],
  },
  {
    name: 'reasoning_effort',
    group: 'thinking',
    kind: 'choice',
    choices: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'],
    en: ['Effort', 'How long a model that reasons should think.'],
    zh: ['推理强度', '推理模型思考多久。'],
  },
  {
    name: 'enable_thinking',
    group: 'thinking',
    kind: 'choice',
    choices: ['true', 'false'],
    en: ['Thinking', 'Whether it reasons at all, where its template can say so.'],
    zh: ['思考', '是否推理（模板支持时有效）。'],
  },
  {
    name: 'thinking_budget_tokens',
    group: 'thinking',
    ...count,
    min: -1,
    max: most,
    unit: 'tokens',
    en: ['Most reasoning', 'It must answer after as many tokens. -1: no limit.'],
    zh: ['推理上限', '达到该数量后必须作答。-1：无限制。'],
  },
  {
    name: 'logprobs',
    group: 'tokens',
    kind: 'boolean',
    en: ['Probabilities', 'Each token of the answer tells how likely it was.'],
    zh: ['概率', '给出回答中每个 token 的概率。'],
  },
  {
    name: 'top_logprobs',
    group: 'tokens',
    ...count,
    min: 0,
    max: 20,
    default: 5,
    en: ['Alternatives', 'How many other tokens are told at each place.'],
    zh: ['备选数', '每个位置给出多少个备选 token。'],
  },
  {
    name: 'post_sampling_probs',
    group: 'tokens',
    kind: 'boolean',
    en: ['After sampling', 'Probabilities of what the samplers left, not of what the model said.'],
    zh: ['采样后概率', '给出采样器筛选之后的概率，而非模型原始概率。'],
  },
  {
    name: 'logit_bias',
    group: 'tokens',
    kind: 'bias',
    en: ['Bias', 'A token id and what is added to its score on each line: 1234 -5'],
    zh: ['偏置', '每行一个 token id 与加到其得分上的值：1234 -5'],
  },
  {
    name: 'typical_p',
    group: 'more',
    ...share,
    default: 1,
    en: ['Typical p', 'Only tokens about as surprising as is usual here. 1 is off.'],
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
    en: ['Top n sigma', 'Only tokens within as many standard deviations of the best. -1 is off.'],
    zh: ['Top n sigma', '只保留与最高分相差若干个标准差以内的 token。-1 为关闭。'],
  },
  {
    name: 'xtc_probability',
    group: 'more',
    ...share,
    default: 0,
    en: ['XTC chance', 'How often the likeliest tokens are left out. 0 is off.'],
    zh: ['XTC 概率', '以多大概率排除最可能的 token。0 为关闭。'],
  },
  {
    name: 'xtc_threshold',
    group: 'more',
    ...share,
    default: 0.1,
    en: ['XTC threshold', 'Which of them: those at least this likely, but for the last.'],
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
    en: ['Temperature range', 'Hotter where the model is unsure, by as much. 0 is off.'],
    zh: ['动态温度范围', '模型越不确定温度越高的幅度。0 为关闭。'],
  },
  {
    name: 'dynatemp_exponent',
    group: 'more',
    kind: 'number',
    min: 0,
    max: 100,
    step: 0.1,
    default: 1,
    en: ['Its exponent', 'How its unsureness becomes heat.'],
    zh: ['动态温度指数', '不确定度如何转化为温度。'],
  },
  {
    name: 'mirostat',
    group: 'more',
    kind: 'choice',
    choices: ['0', '1', '2'],
    en: ['Mirostat', 'Holds the text at one surprise instead of cutting: version 1 or 2. 0 is off.'],
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
    en: ['Mirostat tau', 'The surprise it holds.'],
    zh: ['Mirostat tau', '目标信息量。'],
  },
  {
    name: 'mirostat_eta',
    group: 'more',
    ...share,
    default: 0.1,
    en: ['Mirostat eta', 'How fast it corrects.'],
    zh: ['Mirostat eta', '修正速度。'],
  },
  {
    name: 'min_keep',
    group: 'more',
    ...count,
    min: 0,
    max: 65_536,
    default: 0,
    en: ['Keep at least', 'Samplers that cut leave as many tokens.'],
    zh: ['至少保留', '截断采样器至少保留多少个 token。'],
  },
  {
    name: 'priority',
    group: 'service',
    ...count,
    min: -1000,
    max: 1000,
    default: 0,
    en: ['Priority', 'Lower goes first.'],
    zh: ['优先级', '越小越先处理。'],
  },
  {
    name: 'deadline_ms',
    group: 'service',
    ...count,
    min: 1,
    max: 86_400_000,
    unit: 'ms',
    en: ['Deadline', 'For the first token; where it cannot be met, the server says so at once.'],
    zh: ['截止时间', '首 token 须在此之前到达；无法满足时服务器立即告知。'],
  },
  {
    name: 'cache_prompt',
    group: 'service',
    kind: 'choice',
    choices: ['true', 'false'],
    en: ['Prefix cache', 'Whether the prompt may begin with what an earlier one left.'],
    zh: ['前缀缓存', '提示能否复用先前请求留下的前缀。'],
  },
]

export const knobGroups: readonly { readonly id: KnobGroup; readonly en: string; readonly zh: string }[] = [
  { id: 'sampling', en: 'Sampling', zh: '采样' },
  { id: 'length', en: 'Length', zh: '长度' },
  { id: 'repetition', en: 'Repetition', zh: '重复' },
  { id: 'thinking', en: 'Reasoning', zh: '推理' },
  { id: 'tokens', en: 'Tokens', zh: 'Token' },
  { id: 'more', en: 'More samplers', zh: '其他采样器' },
  { id: 'service', en: 'Service', zh: '服务' },
]

export const knobOf = (name: string): Knob | undefined => knobs.find((knob) => knob.name === name)

/** What the panel says is wrong with a value; undefined where nothing is. */
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
