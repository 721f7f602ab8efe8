/** A run's LoRA options, and their meaning for one module. */

export interface LoraOptions {
  /** r. */
  readonly rank: number
  readonly alpha: number
  /** scale = alpha / √r instead of alpha / r (rsLoRA, Kalajdzievski 2023, arXiv:2312.03732). */
  readonly rankStabilized: boolean
  /**
   * Linear modules by name suffix: `q_proj` matches in every layer, `layers.0.self_attn.q_proj` once. `*` matches any characters
   * but a dot, as in `layers.*.mlp.*`; a single `*` matches every linear module.
   */
  readonly targets: readonly string[]
  /** Ranks of modules by patterns as in `targets`; the first that fits holds. */
  readonly rankPattern: Readonly<Record<string, number>>
  /** The same of alpha. */
  readonly alphaPattern: Readonly<Record<string, number>>
  /** Dropout probability of an adapter's input, in training only. */
  readonly dropout: number
  /** Direction and magnitude apart (Liu et al. 2024, arXiv:2402.09353). */
  readonly dora: boolean
  /** Storage of the frozen linear modules, except `lm_head` (QLoRA, Dettmers et al. 2023, arXiv:2305.14314). */
  readonly quantization: 'none' | 'nf4'
  /** The scales of NF4 blocks are kept in 8 bits. */
  readonly doubleQuantization: boolean
}

/**
 * LoRA defaults: r = 16, alpha = 32, all linear layers.
 *
 * @example
 * ```ts
 * import { loraDefaults } from '@hadal/nn'
 *
 * loraDefaults.rank // → 16
 * loraDefaults.alpha // → 32
 * ```
 */
export const loraDefaults: LoraOptions = {
  rank: 16,
  alpha: 32,
  rankStabilized: false,
  targets: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
  rankPattern: {},
  alphaPattern: {},
  dropout: 0,
  dora: false,
  quantization: 'none',
  doubleQuantization: true,
}

/**
 * The source of a regular expression that fits the end of a module's name, from a dot on, as PEFT reads such patterns.
 *
 * @internal
 */
export const modulePattern = (target: string): string =>
  target
    .split('*')
    .map((literal) => literal.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('[^.]*')

const expressions = new Map<string, RegExp>()

function fits(module: string, target: string): boolean {
  let expression = expressions.get(target)
  if (!expression) {
    expression = new RegExp(`^(.*\\.)?${modulePattern(target)}$`)
    expressions.set(target, expression)
  }
  return expression.test(module)
}

/**
 * Whether a module of this name gets an adapter.
 *
 * @internal
 */
export const isLoraTarget = (module: string, targets: readonly string[]): boolean =>
  targets.some((target) => fits(module, target))

/**
 * r of the adapter of one module.
 *
 * @internal
 */
export const loraRank = (module: string, { rank, rankPattern }: LoraOptions): number =>
  firstFitting(module, rankPattern) ?? rank

/**
 * Multiplier of one module's B A.
 *
 * @internal
 */
export function loraScale(module: string, options: LoraOptions): number {
  const rank = loraRank(module, options)
  const alpha = firstFitting(module, options.alphaPattern) ?? options.alpha
  return alpha / (options.rankStabilized ? Math.sqrt(rank) : rank)
}

function firstFitting(module: string, pattern: Readonly<Record<string, number>>): number | undefined {
  const [, value] = Object.entries(pattern).find(([target]) => fits(module, target)) ?? []
  return value
}
