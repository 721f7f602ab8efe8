/**
 * A CLIP with the proportions of ViT-B/32 at half its width and depth, with random weights, for measuring speed where nothing may
 * be downloaded. Its vectors are noise; what a pass costs is real.
 */

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ClipConfig, createClip, hostState, initializeClip, saveClip, trainBpe } from '@hadal/nn'
import { manualSeed, scope } from '@hadal/tensor'

const shared = { hidden_act: 'quick_gelu', layer_norm_eps: 1e-5, num_hidden_layers: 6 } as const
export const image = { ...shared, hidden_size: 384, intermediate_size: 1536, num_attention_heads: 6 } as const
const text = { ...shared, hidden_size: 256, intermediate_size: 1024, num_attention_heads: 4 } as const
const words = 'a photo of the red blue green small large cat dog house tree on near under table street sky'
const specialTokens = ['<|startoftext|>', '<|endoftext|>']

export function makeClip(folder: string): void {
  if (existsSync(join(folder, 'tokenizer.json'))) return
  const tokenizer = trainBpe([words, words], { vocabSize: 320, specialTokens })
  const config: ClipConfig = {
    model_type: 'clip',
    projection_dim: 256,
    logit_scale_init_value: Math.log(1 / 0.07),
    text_config: {
      ...text,
      vocab_size: tokenizer.vocabSize,
      max_position_embeddings: 77,
      eos_token_id: tokenizer.special(specialTokens[1]!),
    },
    vision_config: { ...image, image_size: 224, patch_size: 32 },
  }
  scope(() => {
    manualSeed(1)
    const model = createClip(config)
    initializeClip(model)
    saveClip(folder, config, hostState(model))
  })
  const write = (name: string, value: unknown): void =>
    writeFileSync(join(folder, name), JSON.stringify(value))
  write('tokenizer_config.json', { bos_token: specialTokens[0], eos_token: specialTokens[1] })
  write('tokenizer.json', tokenizer.toHuggingFace())
}

export const captions: readonly string[] = Array.from({ length: 64 }, (_, at) => {
  const all = words.split(' ')
  return Array.from({ length: 3 + (at % 9) }, (_, word) => all[(at * 7 + word * 5) % all.length]).join(' ')
})
