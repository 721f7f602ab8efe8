/** Reads and writes a dual encoder's open_clip_config.json. Needs no libtorch. */

import { ConfigReader } from '../config-reader.ts'
import { invalidModelConfig } from '../errors.ts'
import {
  type ClipActivation,
  type ClipConfig,
  type ClipEncoderConfig,
  type ClipResNetConfig,
  type ClipTextConfig,
  type ClipVitConfig,
  clipConfigIssues,
  hasBias,
  isResNetTower,
} from './config.ts'
import { type ClipPreprocessing, openClipPreprocessing } from './preprocessing.ts'

/** Similarities are multiplied with 1 / 0.07 at first. */
const usualLogitScale = Math.log(1 / 0.07)
const usualEps = 1e-5

/** Other open_clip models: with a decoder, for audio, or with one shared encoder. */
const otherModels = ['multimodal_cfg', 'audio_cfg', 'genlip_cfg', 'genlap_cfg', 'audio_naflex_cfg'] as const

/**
 * Reads `model_cfg` of a parsed open_clip_config.json; throws `nn_invalid_model_config` with every issue.
 *
 * @internal
 */
export function readOpenClipConfig(json: unknown): ClipConfig {
  const read = new ConfigReader(json, 'model_cfg')
  const activation = read.flag('quick_gelu', false) ? 'quick_gelu' : 'gelu'
  const vision = new ConfigReader(read.raw('vision_cfg'), 'vision_cfg')
  const text = new ConfigReader(read.raw('text_cfg'), 'text_cfg')
  for (const key of otherModels) read.only(key, null)
  const bias = read.raw('init_logit_bias')
  if (bias !== undefined && typeof bias !== 'number')
    read.issues.push(`model_cfg.init_logit_bias is ${JSON.stringify(bias)}; it must be a number`)
  const config: ClipConfig = {
    model_type: 'clip',
    text_config: readText(text, activation),
    vision_config: Array.isArray(vision.raw('layers')) ? readResNet(vision) : readVit(vision, activation),
    projection_dim: read.count('embed_dim'),
    logit_scale_init_value: read.nonNegative('init_logit_scale', usualLogitScale),
    ...(typeof bias === 'number' && { logit_bias_init_value: bias }),
  }
  const issues = [...read.issues, ...vision.issues, ...text.issues]
  const all = issues.length > 0 ? issues : clipConfigIssues(config)
  if (all.length > 0) throw invalidModelConfig(all)
  return config
}

/** Rejects settings that would change an encoder block's computation. */
function onlyUsualBlocks(read: ConfigReader): void {
  const off = ['qk_norm', 'scaled_cosine_attn', 'scale_heads', 'scale_attn_inner', 'scale_attn', 'scale_fc']
  for (const key of off) read.only(key, false)
  for (const key of ['ls_init_value', 'act_kwargs']) read.only(key, null)
}

function readText(read: ConfigReader, activation: ClipActivation): ClipTextConfig {
  onlyUsualBlocks(read)
  for (const key of ['embed_cls', 'no_causal_mask', 'proj_bias', 'final_ln_after_pool']) read.only(key, false)
  for (const key of ['hf_model_name', 'norm_type']) read.only(key, null)
  read.only('text_arch', 'clip')
  read.only('proj_type', 'linear')
  const width = read.count('width', { absent: 512 })
  const byEnd = read.oneOf('pool_type', ['argmax', 'eos'], 'argmax') === 'eos'
  return {
    vocab_size: read.count('vocab_size', { absent: 49_408 }),
    ...readEncoder(read, width, read.count('heads', { absent: 8 }), activation),
    max_position_embeddings: read.count('context_length', { absent: 77 }),
    eos_token_id: byEnd ? read.count('eos_id', { least: 0 }) : null,
  }
}

function readVit(read: ConfigReader, activation: ClipActivation): ClipVitConfig {
  onlyUsualBlocks(read)
  for (const key of ['timm_model_name', 'image_seq_len']) read.only(key, null)
  read.only('attentional_pool', false)
  read.only('pos_embed_type', 'learnable')
  const width = read.count('width', { absent: 768 })
  const pooling = read.oneOf('pool_type', ['tok', 'avg'], 'tok') === 'avg' ? 'average' : 'class'
  const normAfter = read.flag('final_ln_after_pool', false) && pooling === 'average'
  return {
    ...readEncoder(read, width, Math.floor(width / read.count('head_width', { absent: 64 })), activation),
    image_size: read.count('image_size', { absent: 224 }),
    patch_size: read.count('patch_size', { absent: 16 }),
    ...(pooling === 'average' && { pooling }),
    ...(read.flag('no_ln_pre', false) && { pre_norm: false }),
    ...(normAfter && { norm_after_pooling: true }),
  }
}

function readResNet(read: ConfigReader): ClipResNetConfig {
  const width = read.count('width', { absent: 64 })
  return {
    layers: read.raw('layers') as ClipResNetConfig['layers'],
    width,
    num_attention_heads: Math.floor((32 * width) / read.count('head_width', { absent: 64 })),
    image_size: read.count('image_size', { absent: 224 }),
  }
}

function readEncoder(
  read: ConfigReader,
  width: number,
  heads: number,
  activation: ClipActivation,
): ClipEncoderConfig {
  const norm = read.raw('norm_kwargs')
  return {
    hidden_size: width,
    intermediate_size: Math.trunc(width * read.positive('mlp_ratio', 4)),
    num_hidden_layers: read.count('layers', { absent: 12 }),
    num_attention_heads: heads,
    hidden_act: activation,
    layer_norm_eps:
      norm === undefined ? usualEps : new ConfigReader(norm, 'norm_kwargs').positive('eps', usualEps),
  }
}

/** Features that open_clip does not support; empty if `openClipConfigJson` is complete. */
export function openClipIssues({ text_config: text, vision_config: vision }: ClipConfig): string[] {
  if (isResNetTower(vision) || text.hidden_act === vision.hidden_act) return []
  return [
    `encoders with different hidden_act (${text.hidden_act} and ${vision.hidden_act}); both must be the same`,
  ]
}

/** The contents of an open_clip_config.json, for a configuration without `openClipIssues`. */
export function openClipConfigJson(
  config: ClipConfig,
  preprocessing: ClipPreprocessing,
): Readonly<Record<string, unknown>> {
  const { text_config: text, vision_config: vision, projection_dim } = config
  return {
    model_cfg: {
      embed_dim: projection_dim,
      ...(text.hidden_act === 'quick_gelu' && { quick_gelu: true }),
      ...(config.logit_scale_init_value !== usualLogitScale && {
        init_logit_scale: config.logit_scale_init_value,
      }),
      ...(hasBias(config) && { init_logit_bias: config.logit_bias_init_value }),
      vision_cfg: isResNetTower(vision) ? resNetJson(vision) : vitJson(vision),
      text_cfg: {
        context_length: text.max_position_embeddings,
        vocab_size: text.vocab_size,
        heads: text.num_attention_heads,
        ...encoderJson(text),
        ...(text.eos_token_id !== null && { pool_type: 'eos', eos_id: text.eos_token_id }),
      },
    },
    preprocess_cfg: openClipPreprocessing(preprocessing),
  }
}

const resNetJson = ({ layers, width, num_attention_heads, image_size }: ClipResNetConfig): object => ({
  image_size,
  layers,
  width,
  head_width: (32 * width) / num_attention_heads,
  patch_size: null,
})

const vitJson = (vision: ClipVitConfig): object => ({
  image_size: vision.image_size,
  patch_size: vision.patch_size,
  head_width: vision.hidden_size / vision.num_attention_heads,
  ...encoderJson(vision),
  ...(vision.pooling === 'average' && { pool_type: 'avg' }),
  ...(vision.pre_norm === false && { no_ln_pre: true }),
  ...(vision.norm_after_pooling && { final_ln_after_pool: true }),
})

const encoderJson = (encoder: ClipEncoderConfig): object => ({
  width: encoder.hidden_size,
  layers: encoder.num_hidden_layers,
  ...(encoder.intermediate_size !== 4 * encoder.hidden_size && { mlp_ratio: mlpRatio(encoder) }),
  ...(encoder.layer_norm_eps !== usualEps && { norm_kwargs: { eps: encoder.layer_norm_eps } }),
})

/** Which gives the width of the network again when it is multiplied and cut off. */
function mlpRatio({ hidden_size, intermediate_size }: ClipEncoderConfig): number {
  const ratio = intermediate_size / hidden_size
  return Math.trunc(hidden_size * ratio) === intermediate_size
    ? ratio
    : (intermediate_size + 0.5) / hidden_size
}
