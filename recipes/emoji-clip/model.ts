// The model: a vision transformer and a causal transformer, as large as a few thousand pictures can teach, and its tokenizer, which is
// learnt from the captions.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CaptionTokens, type ClipConfig, type Tokenizer, trainBpe } from '@hadal/nn'
import type { EmojiPairs } from './pairs.ts'

const special = { start: '<|startoftext|>', end: '<|endoftext|>' }
const longestCaption = 32

export interface EmojiModel {
  readonly config: ClipConfig
  readonly tokenizer: Tokenizer
  readonly tokens: CaptionTokens
}

export function emojiModel({ openmoji, stamps }: EmojiPairs): EmojiModel {
  const captions = [...openmoji, ...stamps].flatMap((row) => row.captions)
  const tokenizer = trainBpe(captions, { vocabSize: 2048, specialTokens: Object.values(special) })
  const end = tokenizer.special(special.end)
  const encoder = { hidden_act: 'gelu', layer_norm_eps: 1e-5 } as const
  return {
    tokenizer,
    tokens: { start: tokenizer.special(special.start), end, length: longestCaption },
    config: {
      model_type: 'clip',
      text_config: {
        ...encoder,
        vocab_size: tokenizer.vocabSize,
        hidden_size: 128,
        intermediate_size: 512,
        num_hidden_layers: 3,
        num_attention_heads: 4,
        max_position_embeddings: longestCaption,
        eos_token_id: end,
      },
      vision_config: {
        ...encoder,
        hidden_size: 192,
        intermediate_size: 768,
        num_hidden_layers: 6,
        num_attention_heads: 6,
        image_size: 64,
        patch_size: 16,
      },
      projection_dim: 128,
      logit_scale_init_value: Math.log(1 / 0.07),
    },
  }
}

/** Stored with an exported model, so that its readers tokenize captions the same way. */
export function writeTokenizer(folder: string, { tokenizer }: EmojiModel): void {
  const write = (name: string, value: unknown): void =>
    writeFileSync(join(folder, name), `${JSON.stringify(value, null, 1)}\n`)
  write('tokenizer.json', tokenizer.toHuggingFace())
  write('tokenizer_config.json', {
    tokenizer_class: 'PreTrainedTokenizerFast',
    bos_token: special.start,
    eos_token: special.end,
    pad_token: special.end,
    model_max_length: longestCaption,
  })
}
