export { AdamW, type AdamWOptions, adamWDefaults } from './adamw.ts'
export { clipByGlobalNorm } from './clip.ts'
export { BatchSampler, type SamplerPosition } from './data/batch-sampler.ts'
export { type ChatMessage, chatTemplate, chatTokens, encodeChat, encodeChatPrompt } from './data/chat.ts'
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
  decoderConfigFaults,
  headDim,
  parameterCount,
} from './decoder-config.ts'
export * from './errors.ts'
export { type GenerateOptions, generateGreedily } from './generate.ts'
export { initializeDecoder } from './initialize.ts'
export { Embedding, Linear, RmsNorm } from './layers.ts'
export { ignoreIndex, summedTokenLoss } from './loss.ts'
export { computeDtype, MasterWeights, type Precision } from './master-weights.ts'
export { loadParameters, Module } from './module.ts'
export { type CosineSchedule, cosineLearningRate } from './schedule.ts'
export * from './tokenizer/index.ts'
