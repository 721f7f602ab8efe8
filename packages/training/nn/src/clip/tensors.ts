/**
 * Name and shape of every tensor of a dual encoder, from its configuration: files are validated before memory is allocated. Lazy,
 * because a configuration can specify more than can be listed. Needs no libtorch.
 */

import { type ClipConfig, type ClipEncoderConfig, type ClipResNetConfig, isResNetTower } from './config.ts'
import { expansion, stages } from './stages.ts'

export interface ClipTensor {
  readonly name: string
  readonly shape: readonly number[]
  /** Set for running statistics, which are not parameters. */
  readonly isBuffer?: true
  /** The model keeps it in fp32, whatever dtype it computes in. */
  readonly alwaysFloat32?: true
}

type Tensors = Generator<ClipTensor, void>

/**
 * In the order of the model's `state()`.
 *
 * @internal
 */
export function* clipTensors(config: ClipConfig): Tensors {
  const { text_config: text, vision_config: vision, projection_dim: e, logit_bias_init_value = null } = config
  const d = text.hidden_size
  yield { name: 'text_model.embeddings.token_embedding.weight', shape: [text.vocab_size, d] }
  yield { name: 'text_model.embeddings.position_embedding.weight', shape: [text.max_position_embeddings, d] }
  yield* encoder('text_model.encoder', text)
  yield* affine('text_model.final_layer_norm', [d], [d])
  if (isResNetTower(vision)) yield* resNet('vision_model', vision, e)
  else {
    const { hidden_size: w, image_size, patch_size, pre_norm = true } = vision
    yield { name: 'vision_model.embeddings.class_embedding', shape: [w] }
    yield { name: 'vision_model.embeddings.patch_embedding.weight', shape: [w, 3, patch_size, patch_size] }
    const places = (image_size / patch_size) ** 2 + 1
    yield { name: 'vision_model.embeddings.position_embedding.weight', shape: [places, w] }
    if (pre_norm) yield* affine('vision_model.pre_layrnorm', [w], [w])
    yield* encoder('vision_model.encoder', vision)
    yield* affine('vision_model.post_layernorm', [w], [w])
    yield { name: 'visual_projection.weight', shape: [e, w] }
  }
  yield { name: 'text_projection.weight', shape: [e, d] }
  yield { name: 'logit_scale', shape: [], alwaysFloat32: true }
  if (logit_bias_init_value !== null) yield { name: 'logit_bias', shape: [], alwaysFloat32: true }
}

function* affine(name: string, weight: readonly number[], bias: readonly number[]): Tensors {
  yield { name: `${name}.weight`, shape: weight }
  yield { name: `${name}.bias`, shape: bias }
}

function* encoder(
  name: string,
  { hidden_size: d, intermediate_size: f, ...config }: ClipEncoderConfig,
): Tensors {
  for (let index = 0; index < config.num_hidden_layers; index += 1) {
    const layer = `${name}.layers.${index}`
    for (const each of ['k', 'v', 'q', 'out']) yield* affine(`${layer}.self_attn.${each}_proj`, [d, d], [d])
    yield* affine(`${layer}.layer_norm1`, [d], [d])
    yield* affine(`${layer}.mlp.fc1`, [f, d], [f])
    yield* affine(`${layer}.mlp.fc2`, [d, f], [d])
    yield* affine(`${layer}.layer_norm2`, [d], [d])
  }
}

function* resNet(name: string, config: ClipResNetConfig, e: number): Tensors {
  const { width, image_size } = config
  yield* convolution(name, 1, 3, width / 2, 3)
  yield* convolution(name, 2, width / 2, width / 2, 3)
  yield* convolution(name, 3, width / 2, width, 3)
  let inputs = width
  for (const [stage, { blocks, planes, stride }] of stages(config).entries())
    for (let index = 0; index < blocks; index += 1) {
      const block = `${name}.layer${stage + 1}.${index}`
      const outputs = planes * expansion
      yield* convolution(block, 1, inputs, planes, 1)
      yield* convolution(block, 2, planes, planes, 3)
      yield* convolution(block, 3, planes, outputs, 1)
      if ((index === 0 && stride > 1) || inputs !== outputs) {
        yield { name: `${block}.downsample.0.weight`, shape: [outputs, inputs, 1, 1] }
        yield* batchNorm(`${block}.downsample.1`, outputs)
      }
      inputs = outputs
    }
  yield { name: `${name}.attnpool.positional_embedding`, shape: [(image_size / 32) ** 2 + 1, inputs] }
  for (const each of ['k', 'q', 'v'])
    yield* affine(`${name}.attnpool.${each}_proj`, [inputs, inputs], [inputs])
  yield* affine(`${name}.attnpool.c_proj`, [e, inputs], [e])
}

function* convolution(name: string, index: number, inputs: number, outputs: number, kernel: number): Tensors {
  yield { name: `${name}.conv${index}.weight`, shape: [outputs, inputs, kernel, kernel] }
  yield* batchNorm(`${name}.bn${index}`, outputs)
}

function* batchNorm(name: string, channels: number): Tensors {
  const shape = [channels]
  yield* affine(name, shape, shape)
  yield { name: `${name}.running_mean`, shape, isBuffer: true, alwaysFloat32: true }
  yield { name: `${name}.running_var`, shape, isBuffer: true, alwaysFloat32: true }
}

export interface ClipParameterCount {
  readonly total: number
  readonly text: number
  readonly image: number
}

/**
 * Trainable parameters of the model and of each encoder with its projection.
 *
 * @example
 * ```ts
 * import { clipParameterCount, loadClip } from '@hadal/nn'
 *
 * const { model } = loadClip('models/clip-vit-base-patch32')
 * const { total, text, image } = clipParameterCount(model.config)
 * ```
 */
export function clipParameterCount(config: ClipConfig): ClipParameterCount {
  let [total, text, image] = [0, 0, 0]
  for (const { name, shape, isBuffer } of clipTensors(config)) {
    if (isBuffer) continue
    const count = shape.reduce((product, size) => product * size, 1)
    total += count
    if (towerOf(name) === 'text') text += count
    if (towerOf(name) === 'image') image += count
  }
  return { total, text, image }
}

/**
 * The encoder a parameter belongs to, by name; undefined for the shared scale and bias.
 *
 * @internal
 */
export function towerOf(name: string): 'text' | 'image' | undefined {
  if (/^text_(model|projection)\./.test(name)) return 'text'
  return /^(vision_model|visual_projection)\./.test(name) ? 'image' : undefined
}
