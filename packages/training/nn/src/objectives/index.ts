/** Training objectives over logits and hidden states, and the heads for some of them. */

export { type ChunkedLossOptions, chunkedTokenLoss, usualChunk } from './chunked-token-loss.ts'
export { type ClassLossOptions, classLoss, type MultiLabelLossOptions, multiLabelLoss } from './class-loss.ts'
export {
  type ContrastiveLoss,
  type ContrastiveLossOptions,
  contrastiveLoss,
  type SigmoidLossOptions,
  sigmoidLoss,
} from './contrastive-loss.ts'
export { ClassificationHead, lastHidden, RewardHead } from './heads.ts'
export {
  type Answers,
  type Pair,
  type PreferenceLoss,
  type PreferenceOptions,
  pairLogProbs,
  preferenceLoss,
  referenceLogProbs,
  rewardLoss,
} from './preference-loss.ts'
export type { SummedLoss } from './summed-loss.ts'
export {
  nextTokenTargets,
  type SequenceLogProbs,
  sequenceLogProbs,
  type TokenLossOptions,
  tokenLoss,
} from './token-loss.ts'
