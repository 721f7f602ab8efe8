/** What the speed of private training is measured on. Knows nothing about processes or reports. */

import type { DecoderConfig, ImageClassifierConfig } from '@hadal/nn'
import type { PrivacyOptions, RunOptions } from '@hadal/train'

export const imageRows = 60_000

export interface Way {
  readonly name: string
  /** None: plain training. */
  readonly privacy?: Partial<PrivacyOptions>
  /** Of decoders: layers computed again on the way back. */
  readonly checkpointing?: RunOptions['checkpointing']
}

const noise = { noiseMultiplier: 1, clipNorm: 1 }

export const imageWays: readonly Way[] = [
  { name: 'plain' },
  { name: 'book-keeping, seeded noise', privacy: { ...noise, secure: false } },
  { name: 'book-keeping, secure noise', privacy: { ...noise, secure: true } },
  { name: 'ghost, secure noise', privacy: { ...noise, mode: 'ghost' } },
  { name: 'exact, secure noise', privacy: { ...noise, mode: 'exact' } },
]

/** Adapters of rank 8 on a frozen decoder. */
export const decoderWays: readonly Way[] = [
  { name: 'plain' },
  { name: 'plain, checkpointing', checkpointing: { every: 1 } },
  { name: 'book-keeping, secure noise', privacy: noise },
  { name: 'ghost, checkpointing, secure noise', privacy: noise, checkpointing: { every: 1 } },
]

export const mlp: ImageClassifierConfig = {
  model_type: 'image_classifier',
  input: { features: 784 },
  layers: [
    { kind: 'linear', width: 512 },
    { kind: 'relu' },
    { kind: 'linear', width: 512 },
    { kind: 'relu' },
  ],
  classes: 10,
}

/** That of Opacus' example for MNIST. */
export const cnn: ImageClassifierConfig = {
  model_type: 'image_classifier',
  input: { channels: 1, height: 28, width: 28 },
  layers: [
    { kind: 'conv', channels: 16, kernel: 8, stride: 2, padding: 3 },
    { kind: 'relu' },
    { kind: 'max-pool', kernel: 2, stride: 1 },
    { kind: 'conv', channels: 32, kernel: 4, stride: 2 },
    { kind: 'relu' },
    { kind: 'max-pool', kernel: 2, stride: 1 },
    { kind: 'linear', width: 32 },
    { kind: 'relu' },
  ],
  classes: 10,
}

export const decoder: DecoderConfig = {
  vocab_size: 2048,
  hidden_size: 256,
  intermediate_size: 768,
  num_hidden_layers: 4,
  num_attention_heads: 4,
  num_key_value_heads: 4,
  max_position_embeddings: 128,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
}

export const networks = { mlp, cnn, decoder } as const

export type NetworkName = keyof typeof networks

/** Rows of a step, those of a private one in the mean. */
export const batchOf: Readonly<Record<NetworkName, number>> = { mlp: 256, cnn: 256, decoder: 8 }
