/** Public API of the similarity layer. */

export {
  AttackIndex,
  type AttackIndexOptions,
  type Comparison,
  type Nearest,
  type NewAttack,
} from './attack-index.ts'
export { type BuildAttackIndexOptions, buildAttackIndex } from './build-attack-index.ts'
export { builtInEncoders, loadNgramEncoder, loadStaticEncoder } from './built-in-encoders.ts'
export type { Encoder } from './encoder.ts'
export { type EmbeddingFunction, type EncoderFromOptions, encoderFrom } from './encoder-from.ts'
export type { KnownAttack } from './known-attack.ts'
export { type LearnAttackOptions, type Learned, learnAttack } from './learn-attack.ts'
export { calibrateSimilarity, type SimilarityCheckOptions, similarityCheck } from './similarity-check.ts'
