/** A run's objective as plain data. */

/** The next token: pretraining and tuning. */
export interface TokenObjective {
  readonly kind: 'tokens'
  /** Probability mass spread evenly over all tokens, in [0, 1). Default: 0. */
  readonly labelSmoothing?: number
  /** Weight of log² of the softmax's sum (PaLM, arXiv:2204.02311: 1e-4). Default: 0. */
  readonly zLoss?: number
}

/** Preference optimisation against the initial weights as reference: arXiv:2305.18290 and arXiv:2310.12036. */
export interface PreferenceObjective {
  readonly kind: 'dpo' | 'ipo'
  /** Strength of the penalty for leaving the reference. Default: 0.1. */
  readonly beta?: number
  /** Below 0.5, for `dpo`: the assumed share of mislabelled pairs. Default: 0. */
  readonly labelSmoothing?: number
}

/**
 * A scalar reward per response, higher for the preferred one, from the hidden state before its last token, which has attended to
 * all others.
 */
export interface RewardObjective {
  readonly kind: 'reward'
}

/** One of `classes` classes for a text. */
export interface ClassObjective {
  readonly kind: 'classes'
  readonly classes: number
  /** Weight of each class. Default: 1 each. */
  readonly classWeights?: readonly number[]
  /** In [0, 1). Default: 0. */
  readonly labelSmoothing?: number
}

/** Matches images and texts: over a batch, arXiv:2103.00020, or each pair alone, arXiv:2303.15343. */
export interface ContrastiveObjective {
  readonly kind: 'contrastive'
  /** Softmax over all pairs of a batch, or sigmoid of each pair alone, which needs a model with a bias. Default: softmax. */
  readonly loss?: 'softmax' | 'sigmoid'
  /** Weight of text-to-image retrieval in the softmax loss. Default: 0.5. */
  readonly textWeight?: number
  /** Weight of image-to-text retrieval in the softmax loss. Default: 0.5. */
  readonly imageWeight?: number
  /** Distinct captions per image in a batch, limited by those available. Default: 1. */
  readonly captionsPerImage?: number
  /** Similarities are multiplied with no more than this, from above 1 to 100. Default: 100. */
  readonly maxLogitScale?: number
}

export type Objective =
  | TokenObjective
  | PreferenceObjective
  | RewardObjective
  | ClassObjective
  | ContrastiveObjective

/** @internal */
export const tokenObjective: TokenObjective = { kind: 'tokens' }

/** @internal */
export const contrastiveDefaults: Required<ContrastiveObjective> = {
  kind: 'contrastive',
  loss: 'softmax',
  textWeight: 0.5,
  imageWeight: 0.5,
  captionsPerImage: 1,
  maxLogitScale: 100,
}

/**
 * Defaults of numeric settings; class weights have none.
 *
 * @internal
 */
export const objectiveDefaults: Readonly<Record<Objective['kind'], object>> = {
  tokens: { labelSmoothing: 0, zLoss: 0 },
  dpo: { beta: 0.1, labelSmoothing: 0 },
  ipo: { beta: 0.1, labelSmoothing: 0 },
  reward: {},
  classes: { labelSmoothing: 0 },
  contrastive: contrastiveDefaults,
}
