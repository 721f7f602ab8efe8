/** Reads and writes a dual encoder's config.json in Hugging Face's format. Needs no libtorch. */

import { ConfigReader } from '../config-reader.ts'
import { invalidModelConfig } from '../errors.ts'
import {
  type ClipConfig,
  type ClipEncoderConfig,
  type ClipTextConfig,
  type ClipVitConfig,
  clipConfigIssues,
  hasBias,
  isResNetTower,
} from './config.ts'

/** Vocabulary size of OpenAI's CLIP, whose early files gave 2 as the end token but meant the highest id. */
const originalVocabulary = 49_408
const mistakenEnd = 2

/**
 * Reads a parsed config.json of `model_type` clip; throws `nn_invalid_model_config` with every issue.
 *
 * @internal
 */
export function readClipConfig(json: unknown): ClipConfig {
  const read = new ConfigReader(json)
  read.oneOf('model_type', ['clip'])
  const [text, vision] = [
    inner(read, 'text_config', 'text_config_dict'),
    inner(read, 'vision_config', 'vision_config_dict'),
  ]
  vision.only('num_channels', 3)
  const config: ClipConfig = {
    model_type: 'clip',
    text_config: readText(text),
    vision_config: readVit(vision),
    projection_dim: read.count('projection_dim', { absent: 512 }),
    logit_scale_init_value: read.nonNegative('logit_scale_init_value', 2.6592),
  }
  const issues = [...read.issues, ...text.issues, ...vision.issues]
  const all = issues.length > 0 ? issues : clipConfigIssues(config)
  if (all.length > 0) throw invalidModelConfig(all)
  return config
}

/** Older files repeat values that differ from the defaults in a second place, which takes precedence. */
function inner(read: ConfigReader, key: string, older: string): ConfigReader {
  const [newer, old] = [read.raw(key), read.raw(older)]
  const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
  return new ConfigReader(isObject(newer) && isObject(old) ? { ...newer, ...old } : (newer ?? old ?? {}), key)
}

function readText(read: ConfigReader): ClipTextConfig {
  const vocab_size = read.count('vocab_size', { absent: originalVocabulary })
  const end = read.count('eos_token_id', { absent: originalVocabulary - 1, least: 0 })
  return {
    vocab_size,
    ...readEncoder(read, { width: 512, heads: 8 }),
    max_position_embeddings: read.count('max_position_embeddings', { absent: 77 }),
    eos_token_id: end === mistakenEnd && vocab_size === originalVocabulary ? null : end,
  }
}

const readVit = (read: ConfigReader): ClipVitConfig => ({
  ...readEncoder(read, { width: 768, heads: 12 }),
  image_size: read.count('image_size', { absent: 224 }),
  patch_size: read.count('patch_size', { absent: 32 }),
})

const readEncoder = (
  read: ConfigReader,
  absent: { readonly width: number; readonly heads: number },
): ClipEncoderConfig => ({
  hidden_size: read.count('hidden_size', { absent: absent.width }),
  intermediate_size: read.count('intermediate_size', { absent: 4 * absent.width }),
  num_hidden_layers: read.count('num_hidden_layers', { absent: 12 }),
  num_attention_heads: read.count('num_attention_heads', { absent: absent.heads }),
  hidden_act: read.oneOf('hidden_act', ['quick_gelu', 'gelu'], 'quick_gelu'),
  layer_norm_eps: read.positive('layer_norm_eps', 1e-5),
})

/** Features that transformers' CLIP does not support; empty if `clipConfigJson` is complete. */
export function huggingFaceIssues(config: ClipConfig): string[] {
  const { vision_config: vision, text_config: text } = config
  const issues: string[] = []
  if (isResNetTower(vision)) issues.push('a ResNet image encoder')
  else {
    if (vision.pooling === 'average') issues.push('pooling "average" (vision_config)')
    if (vision.pre_norm === false) issues.push('no norm before the first layer (vision_config.pre_norm)')
  }
  if (hasBias(config)) issues.push('a bias of similarities (logit_bias_init_value)')
  if (text.eos_token_id === null && text.vocab_size !== originalVocabulary)
    issues.push('captions that are read at their highest id (text_config.eos_token_id null)')
  return issues
}

/** The contents of a config.json, for a configuration without `huggingFaceIssues`. */
export function clipConfigJson(config: ClipConfig): Readonly<Record<string, unknown>> {
  const { text_config: text, vision_config: vision, projection_dim } = config
  const { pooling: _, pre_norm: __, norm_after_pooling: ___, ...vit } = vision as ClipVitConfig
  return {
    architectures: ['CLIPModel'],
    model_type: 'clip',
    projection_dim,
    logit_scale_init_value: config.logit_scale_init_value,
    text_config: {
      model_type: 'clip_text_model',
      ...text,
      eos_token_id: text.eos_token_id ?? mistakenEnd,
      projection_dim,
    },
    vision_config: { model_type: 'clip_vision_model', ...vit, num_channels: 3, projection_dim },
  }
}
