export { trainCharacterModel } from './character-model.ts'
export {
  type Classifier,
  type ClassifierParts,
  type ClassifierRecord,
  type ClassifierScore,
  classifierOf,
  type HeldOutFigure,
  loadClassifier,
  type PerDoubling,
} from './classifier.ts'
export { type ClassifierCheckOptions, classifierCheck } from './classifier-check.ts'
export { featureFloor, type LinearModel, quantized } from './linear-model.ts'
export { type PerplexityCheckOptions, perplexityCheck } from './perplexity-check.ts'
export { hashBits, visitTokens } from './text-features.ts'
export { windowsOf } from './windows.ts'
