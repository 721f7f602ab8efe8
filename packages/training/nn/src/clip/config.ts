/**
 * Configuration of a dual encoder (CLIP, Radford et al. 2021, arXiv:2103.00020; SigLIP's loss adds a bias), with the key names of a
 * Hugging Face config.json, and its validation. Needs no libtorch.
 */

/**
 * x σ(1.702 x), as OpenAI trained CLIP, or the exact GELU.
 *
 * @internal
 */
export type ClipActivation = 'quick_gelu' | 'gelu'

/** A pre-norm transformer. */
export interface ClipEncoderConfig {
  readonly hidden_size: number
  /** Width of the feed-forward network. */
  readonly intermediate_size: number
  readonly num_hidden_layers: number
  readonly num_attention_heads: number
  readonly hidden_act: ClipActivation
  readonly layer_norm_eps: number
}

export interface ClipTextConfig extends ClipEncoderConfig {
  readonly vocab_size: number
  /** Longest caption, in tokens. */
  readonly max_position_embeddings: number
  /** A caption is pooled at the first position of this token; `null`: at the highest id. */
  readonly eos_token_id: number | null
}

/** Vision transformer (Dosovitskiy et al. 2020, arXiv:2010.11929). */
export interface ClipVitConfig extends ClipEncoderConfig {
  /** Width and height, in pixels. */
  readonly image_size: number
  readonly patch_size: number
  /** Pooling of an image: class token, or average over patches. Default: `class`. */
  readonly pooling?: 'class' | 'average'
  /** A norm before the first layer. Default: true. */
  readonly pre_norm?: boolean
  /** The last norm comes after average pooling, not before. Default: false. */
  readonly norm_after_pooling?: boolean
}

/** CLIP's ResNet: three stem convolutions, average pooling before strides, attention pooling at the end. */
export interface ClipResNetConfig {
  /** Blocks in each of the four stages. */
  readonly layers: readonly [number, number, number, number]
  /** Channels of the first stage; the pooled features have 32 times as many. */
  readonly width: number
  /** Heads of the attention pooling. */
  readonly num_attention_heads: number
  /** Width and height, in pixels. */
  readonly image_size: number
}

export interface ClipConfig {
  readonly model_type: 'clip'
  readonly text_config: ClipTextConfig
  readonly vision_config: ClipVitConfig | ClipResNetConfig
  /** Width of both encoders' embeddings. */
  readonly projection_dim: number
  /** Initial log scale of similarities: ln(1 / 0.07). */
  readonly logit_scale_init_value: number
  /** Initial bias of similarities, for the sigmoid loss: −10. Default: null, no bias. */
  readonly logit_bias_init_value?: number | null
}

/** @internal */
export const isClipConfig = (config: object): config is ClipConfig => 'vision_config' in config

/** @internal */
export const isResNetTower = (vision: ClipVitConfig | ClipResNetConfig): vision is ClipResNetConfig =>
  'layers' in vision

/** Whether similarities have a learnt bias. */
export const hasBias = ({ logit_bias_init_value: bias = null }: ClipConfig): boolean => bias !== null

/** Width of an image encoder's features before the projection. */
export const imageWidth = (vision: ClipVitConfig | ClipResNetConfig): number =>
  isResNetTower(vision) ? 32 * vision.width : vision.hidden_size

/** Total downsampling factor of a ResNet encoder. */
const resNetStride = 32

/**
 * Returns every issue as a sentence that includes the value; empty if a model can be built.
 *
 * @internal
 */
export function clipConfigIssues(config: ClipConfig): string[] {
  const { text_config: text, vision_config: vision } = config
  return [
    ...encoderIssues('text_config', text, ['vocab_size', 'max_position_embeddings']),
    ...endIssues(text),
    ...(isResNetTower(vision) ? resNetIssues(vision) : vitIssues(vision)),
    ...countIssues('', config, ['projection_dim']),
    ...finiteIssue('logit_scale_init_value', config.logit_scale_init_value),
    ...finiteIssue('logit_bias_init_value', config.logit_bias_init_value ?? 0),
  ]
}

function encoderIssues<Config extends ClipEncoderConfig>(
  path: string,
  config: Config,
  more: readonly (keyof Config & string)[],
): string[] {
  const { hidden_size, num_attention_heads, hidden_act, layer_norm_eps } = config
  const issues = countIssues(path, config, [
    'hidden_size',
    'intermediate_size',
    'num_hidden_layers',
    'num_attention_heads',
    ...more,
  ])
  if (issues.length === 0 && hidden_size % num_attention_heads !== 0)
    issues.push(
      `${path}.hidden_size ${hidden_size} does not divide into ${num_attention_heads} heads (num_attention_heads)`,
    )
  if (hidden_act !== 'quick_gelu' && hidden_act !== 'gelu')
    issues.push(`${path}.hidden_act is ${hidden_act}; it must be "quick_gelu" or "gelu"`)
  if (!(layer_norm_eps > 0)) issues.push(`${path}.layer_norm_eps is ${layer_norm_eps}; it must be above 0`)
  return issues
}

function endIssues({ eos_token_id: end, vocab_size }: ClipTextConfig): string[] {
  if (end === null || (Number.isSafeInteger(end) && end >= 0 && end < vocab_size)) return []
  return [`text_config.eos_token_id is ${end}; it must be an id below vocab_size ${vocab_size}, or null`]
}

function vitIssues(vision: ClipVitConfig): string[] {
  const { image_size, patch_size, pooling = 'class', norm_after_pooling = false } = vision
  const issues = encoderIssues('vision_config', vision, ['image_size', 'patch_size'])
  if (image_size % patch_size !== 0)
    issues.push(
      `vision_config.image_size ${image_size} does not divide into patches of ${patch_size} (patch_size)`,
    )
  if (pooling !== 'class' && pooling !== 'average')
    issues.push(`vision_config.pooling is ${pooling}; it must be "class" or "average"`)
  if (norm_after_pooling && pooling !== 'average')
    issues.push('vision_config.norm_after_pooling is true; it needs pooling "average"')
  return issues
}

function resNetIssues(vision: ClipResNetConfig): string[] {
  const { layers, width, num_attention_heads: heads, image_size } = vision
  const issues = countIssues('vision_config', vision, ['width', 'num_attention_heads', 'image_size'])
  if (!Array.isArray(layers) || layers.length !== 4 || !layers.every((each) => isCount(each)))
    issues.push(
      `vision_config.layers is ${JSON.stringify(layers)}; it must be four whole numbers of at least 1`,
    )
  if (issues.length > 0) return issues
  if (width % 2 !== 0) issues.push(`vision_config.width is ${width}; it must be even`)
  if ((32 * width) % heads !== 0)
    issues.push(`32 vision_config.width ${width} does not divide into ${heads} heads (num_attention_heads)`)
  if (image_size % resNetStride !== 0)
    issues.push(`vision_config.image_size is ${image_size}; it must be a multiple of ${resNetStride}`)
  return issues
}

function countIssues<Config>(
  path: string,
  config: Config,
  keys: readonly (keyof Config & string)[],
): string[] {
  return keys
    .filter((key) => !isCount(config[key]))
    .map(
      (key) =>
        `${path === '' ? key : `${path}.${key}`} is ${config[key]}; it must be a whole number of at least 1`,
    )
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 1

const finiteIssue = (key: string, value: number): string[] =>
  Number.isFinite(value) ? [] : [`${key} is ${value}; it must be a finite number`]
