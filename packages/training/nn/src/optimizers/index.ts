/** The optimizers and their common operations. */

export { Adafactor, type AdafactorOptions, adafactorDefaults } from './adafactor.ts'
export { AdamW, type AdamWOptions, adamWDefaults } from './adamw.ts'
export { AdamW8bit, type AdamW8bitOptions, adamW8bitDefaults } from './adamw-8bit.ts'
export { Lion, type LionOptions, lionDefaults } from './lion.ts'
export { makeOptimizer, type OptimizerChoice, type OptimizerKind } from './make-optimizer.ts'
export { Muon, type MuonOptions, muonDefaults } from './muon.ts'
export {
  loadOptimizer,
  type Optimizer,
  type RateFactor,
  type SavedTensor,
  saveOptimizer,
} from './optimizer.ts'
export { optimizerIssues } from './optimizer-issues.ts'
export { Sgd, type SgdOptions, sgdDefaults } from './sgd.ts'
export { WeightAverage, type WeightAverageOptions, weightAverageDefaults } from './weight-average.ts'
