export type * from './engine.ts'
export { isImageInput } from './engine.ts'
export {
  adapterExists,
  adapterUnknown,
  adapterUnusable,
  contextLengthExceeded,
  deadlineUnmet,
  embeddingsOff,
  emptyPrompt,
  engineClosed,
  engineCrashed,
  engineStartFailed,
  generationOff,
  imagesOff,
  invalidGrammar,
  invalidSampling,
  invalidToken,
  kvCacheTooLarge,
  llamaLibraryMissing,
  llamaLibraryUnusable,
  llamaOptionInvalid,
  memoryLockRefused,
  modelUnfit,
  modelUnusable,
  queueFull,
  rerankingOff,
  tokensOff,
  tooManyVectors,
} from './errors.ts'
export { createFakeEngine, type FakeEngine, type FakeEngineOptions } from './fake-engine.ts'
export { readFileLogits } from './llama/file-logits.ts'
export { createLlamaEngine } from './llama/llama-engine.ts'
export { type LlamaDefault, type LlamaEngineOptions, llamaDefaults } from './llama/options.ts'
export { physicalCores } from './llama/physical-cores.ts'
export { samplingDefaults } from './llama/sampling.ts'
export * from './models/index.ts'
export {
  inferenceFailed,
  inferenceOff,
  isTensorInvalid,
  onnxModelUnusable,
  onnxRuntimeMissing,
  onnxRuntimeUnusable,
  tensorInvalid,
} from './onnx/errors.ts'
export { createOnnxEngine, type OnnxEngineOptions } from './onnx/onnx-engine.ts'
export * from './replicas/index.ts'
export {
  elementBytes,
  elementCount,
  type InferenceTimes,
  type TensorBatching,
  type TensorDtype,
  type TensorModel,
  type TensorSpec,
  type TensorValue,
} from './tensor-value.ts'
export { createTowersEngine, type TowersEngineOptions } from './towers/towers-engine.ts'
