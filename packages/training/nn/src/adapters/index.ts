export { AdapterSet } from './adapter-set.ts'
export { type Combination, type CombinedLora, combineLora, type LoraPart } from './combine-lora.ts'
export { LoraAdapters } from './lora-adapters.ts'
export { LoraLayer, type LoraLayerOptions, mergedWeight } from './lora-layer.ts'
export {
  isLoraTarget,
  type LoraOptions,
  loraDefaults,
  loraRank,
  loraScale,
  modulePattern,
} from './lora-options.ts'
export { isLinearWeight, isLoraTensor, loraTensors } from './lora-tensors.ts'
export { mergeLora } from './merge-lora.ts'
