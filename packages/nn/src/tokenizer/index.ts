export * from './errors.ts'
export { gpt2Pattern, qwen2Pattern } from './pre-tokenizer.ts'
export { type EncodeOptions, Tokenizer, type TokenizerParts } from './tokenizer.ts'
export { type TrainBpeOptions, trainBpe } from './train-bpe.ts'
