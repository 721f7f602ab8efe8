/** A byte-level BPE tokenizer as GGUF metadata. Knows nothing about models. */

import { type GgufMetadata, gguf } from '@hadal/formats'
import { chatTokens, gpt2Pattern, qwen2Pattern, type Tokenizer } from '@hadal/nn'
import { tokenizerNotExportable } from '../errors.ts'

/** llama.cpp knows pre-tokenizers by name and has their patterns built in. */
const preTokenizers: ReadonlyMap<string, string> = new Map([
  [qwen2Pattern, 'qwen2'],
  [gpt2Pattern, 'gpt-2'],
])
const normalToken = 1
const controlToken = 3

/** Throws `train_tokenizer_not_exportable` when llama.cpp has no name for the tokenizer's pattern. */
export function tokenizerMetadata(tokenizer: Tokenizer): GgufMetadata {
  const { patterns } = tokenizer.parts
  const pre = patterns.length === 1 ? preTokenizers.get(patterns[0]!) : undefined
  if (pre === undefined) throw tokenizerNotExportable(patterns)
  const { model } = tokenizer.toHuggingFace() as {
    model: { vocab: Readonly<Record<string, number>>; merges: readonly string[] }
  }
  const spellings = new Array<string>(tokenizer.vocabSize)
  const types = new Array<number>(tokenizer.vocabSize).fill(normalToken)
  for (const [spelling, id] of Object.entries(model.vocab)) spellings[id] = spelling
  for (const [text, id] of tokenizer.specialTokens) {
    spellings[id] = text
    types[id] = controlToken
  }
  const endOfText = tokenizer.special(chatTokens.endOfText)
  const endOfTurn = tokenizer.specialTokens.get(chatTokens.end)
  return {
    'tokenizer.ggml.model': gguf.string('gpt2'),
    'tokenizer.ggml.pre': gguf.string(pre),
    'tokenizer.ggml.tokens': gguf.strings(spellings),
    'tokenizer.ggml.token_type': gguf.int32s(types),
    'tokenizer.ggml.merges': gguf.strings(model.merges),
    'tokenizer.ggml.bos_token_id': gguf.uint32(endOfText),
    'tokenizer.ggml.eos_token_id': gguf.uint32(endOfTurn ?? endOfText),
    'tokenizer.ggml.padding_token_id': gguf.uint32(endOfText),
    'tokenizer.ggml.add_bos_token': gguf.bool(false),
  }
}
