/** What a run teaches its model, as plain data. Knows nothing about how it is computed. */

/** The next token: pretraining and tuning. */
export interface TokenObjective {
  readonly kind: 'tokens'
  /** The part of the probability that goes to all tokens alike, from 0 to below 1. Default: 0. */
  readonly labelSmoothing?: number
  /** Weight of log² of the softmax's sum (PaLM, arXiv:2204.02311: 1e-4). Default: 0. */
  readonly zLoss?: number
}

/** The better of two answers, against the weights training starts from: arXiv:2305.18290 and arXiv:2310.12036. */
export interface PreferenceObjective {
  readonly kind: 'dpo' | 'ipo'
  /** How dear it is to leave the weights of the start. Default: 0.1. */
  readonly beta?: number
  /** Below 0.5, for `dpo`: the part of pairs taken to be the wrong way round. Default: 0. */
  readonly labelSmoothing?: number
}

/** A number for an answer, higher for the better of two: from the state before its last token, which has read all others. */
export interface RewardObjective {
  readonly kind: 'reward'
}

/** One of `classes` classes for a text. */
export interface ClassObjective {
  readonly kind: 'classes'
  readonly classes: number
  /** What an example of each class counts. Default: 1 each. */
  readonly classWeights?: readonly number[]
  /** From 0 to below 1. Default: 0. */
  readonly labelSmoothing?: number
}

/** Which text belongs to which image: arXiv:2103.00020, or each pair by itself, arXiv:2303.15343. */
export interface ContrastiveObjective {
  readonly kind: 'contrastive'
  /** Over all pairs of a batch, or of each pair by itself; the latter needs a model with a bias. Default: softmax. */
  readonly loss?: 'softmax' | 'sigmoid'
  /** What finding the image of a text counts, of softmax. Default: 0.5. */
  readonly textWeight?: number
  /** What finding the text of an image counts, of softmax. Default: 0.5. */
  readonly imageWeight?: number
  /** Different captions that a batch has of an image, or as many as there are. Default: 1. */
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
 * What is left out, where it has a number; class weights have none.
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
