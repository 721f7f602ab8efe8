export * from './adapters/index.ts'
export { checkpointInvalid } from './checkpoint/errors.ts'
export { type LoadedCheckpoint, loadCheckpoint, readCheckpointWeights } from './checkpoint/load-checkpoint.ts'
export {
  type CheckpointBytes,
  type CheckpointOptions,
  type CheckpointPlan,
  type ParameterDtype,
  type PlannedTensor,
  planCheckpoint,
} from './checkpoint/plan-checkpoint.ts'
export { readConfigJson } from './checkpoint/stored-tensors.ts'
export { type StateTensor, type WantedTensor, wantedTensors } from './checkpoint/wanted-tensors.ts'
export * from './clip/index.ts'
export { clipByGlobalNorm, type GradientNorms, normsOf, type SumSquares } from './clip.ts'
export { Conv1d, Conv2d, type ConvOptions, type Extent } from './convolution.ts'
export { BatchSampler, type SamplerPosition } from './data/batch-sampler.ts'
export { type ChatMessage, chatTemplate, chatTokens, encodeChat, encodeChatPrompt } from './data/chat.ts'
export {
  type BadRow,
  DocumentReader,
  type LocatedDocument,
  type ReadOptions,
} from './data/document-reader.ts'
export {
  DocumentStream,
  type DocumentStreamOptions,
  type DocumentStreamState,
} from './data/document-stream.ts'
export { type DataTokenizer, encodeConversation, type LearntTurns } from './data/encode-conversation.ts'
export {
  checkVocabulary,
  type DocumentEncoder,
  documentEncoder,
  type EncoderOptions,
  encodeRow,
} from './data/encode-document.ts'
export {
  dataEmpty,
  dataFileUnreadable,
  dataOptionsInvalid,
  dataRowInvalid,
  dataTemplateFailed,
} from './data/errors.ts'
export { isHeldOut } from './data/held-out.ts'
export { type LengthStatistics, lengthStatistics } from './data/length-statistics.ts'
export {
  type DocumentSource,
  PackedStream,
  type PackedStreamState,
  type PackingCounts,
  type PackingOptions,
} from './data/packed-stream.ts'
export {
  type Conversation,
  type ParsedRow,
  parseRow,
  type RowFields,
  type TrainingDocument,
  type TrainingMessage,
} from './data/parse-row.ts'
export { type PreviewOptions, previewTokens } from './data/preview-tokens.ts'
export { LineReader } from './data/read-lines.ts'
export { ChatTemplate, type TemplateOptions } from './data/render-template.ts'
export { blockRandom, shuffledIndices } from './data/shuffle.ts'
export { visibleText } from './data/visible-text.ts'
export {
  countTargets,
  type MaskedTokens,
  packExamples,
  packStream,
  selectWindows,
  type Windows,
} from './data/windows.ts'
export { Decoder } from './decoder.ts'
export {
  checkDecoderConfig,
  type DecoderConfig,
  headDim,
  parameterCount,
  readDecoderConfig,
} from './decoder-config.ts'
export {
  type BalanceOverRanks,
  correctionChanges,
  ExpertBalance,
  type ExpertLoads,
  type LoadObserver,
} from './deepseek/balance.ts'
export {
  type DeepSeekConfig,
  deepSeekConfigJson,
  hasExperts,
  isSurplusWeight,
  type MoeConfig,
  type RouterConfig,
  readDeepSeekConfig,
} from './deepseek/config.ts'
export { MultiHeadLatentAttention } from './deepseek/mla.ts'
export { DeepSeek } from './deepseek/model.ts'
export { MixtureOfExperts } from './deepseek/moe.ts'
export { deepSeekParameterCount, type ParameterCount } from './deepseek/parameter-count.ts'
export { Router, type Routes } from './deepseek/router.ts'
export {
  type YarnScaling,
  yarnAmplitude,
  yarnFrequencies,
  yarnMagnitude,
  yarnScoreScale,
} from './deepseek/yarn.ts'
export { weightsMismatch } from './errors.ts'
export * from './fake-quant/index.ts'
export * from './features/index.ts'
export { type FusedLayers, useFusedOps } from './fused/use-fused-ops.ts'
export { type CausalModel, type GenerateOptions, generateGreedily, type HiddenModel } from './generate.ts'
export { ImageClassifier } from './image-classifier.ts'
export {
  type ClassifierLayer,
  type ClassifierLayerKind,
  classifierConfigIssues,
  classifierFlops,
  type ImageClassifierConfig,
  inputShape,
  numbersOf,
  type SampleShape,
  shapesInto,
} from './image-classifier-config.ts'
export * from './image-model/index.ts'
export { initializeDecoder } from './initialize.ts'
export { initializeLayers } from './initialize-layers.ts'
export { createModel, type LanguageModel } from './language-model.ts'
export { layerRateIssues } from './layer-rate-issues.ts'
export { type LayerRates, layerRateFactor, type RatesByLayer, ratesByLayer } from './layer-rates.ts'
export { Embedding, Linear, type PackedWeight, RmsNorm, SwiGlu } from './layers.ts'
export { type Llama3Scaling, llama3Frequencies } from './llama3-rope.ts'
export { ignoreIndex, summedTokenLoss } from './loss.ts'
export { computeDtype, MasterWeights, type Precision } from './master-weights.ts'
export { type PartBytes, type PartKind, type PassShape, partBytes } from './memory/part-bytes.ts'
export { type PassBytes, type PassPlan, passBytes } from './memory/pass-bytes.ts'
export { isDeepSeekConfig, type ModelConfig, modelConfigIssues, modelParameterCount } from './model-config.ts'
export { checkWeights, loadParameters, Module, namedModules, setTraining } from './module.ts'
export { BatchNorm2d, type BatchNormOptions, GroupNorm, LayerNorm } from './normalization.ts'
export * from './objectives/index.ts'
export * from './optimizers/index.ts'
export * from './parallel/index.ts'
export { onDevice } from './parameter.ts'
export * from './per-sample/index.ts'
export { Fp8Linears, type Fp8Options, fp8Defaults } from './precision/fp8-linears.ts'
export { type LossScaleOptions, LossScaler, lossScaleDefaults } from './precision/loss-scaler.ts'
export * from './quantization/index.ts'
export * from './resnet/index.ts'
export * from './schedule.ts'
export { scheduleIssues } from './schedule-issues.ts'
export * from './tape/index.ts'
export * from './tokenizer/index.ts'
export { trainingFlopsPerToken } from './training-flops.ts'
