/** Initial weights of a dual encoder, as in open_clip. */

import { noGrad, type Tensor } from '@hadal/tensor'
import { initializeLayers } from '../initialize-layers.ts'
import type { Linear } from '../layers.ts'
import type { Encoder } from './encoder.ts'
import type { Clip } from './model.ts'
import { ResNetTower } from './resnet-tower.ts'
import type { VitTower } from './vit-tower.ts'

/**
 * Fills every parameter in place from the global generator.
 *
 * @example
 * ```ts
 * import { initializeClip, loadClip } from '@hadal/nn'
 *
 * const { model } = loadClip('models/clip-vit-base-patch32')
 * initializeClip(model) // as OpenAI drew them: forgets what was learnt
 * ```
 */
export function initializeClip(model: Clip): void {
  initializeLayers(model)
  noGrad(() => {
    initializeText(model)
    if (model.visionModel instanceof ResNetTower) initializeResNet(model.visionModel)
    else initializeVit(model.visionModel, model.visualProjection!)
    model.logitScale.fill_(model.config.logit_scale_init_value)
    model.logitBias?.fill_(model.config.logit_bias_init_value!)
  })
}

const normal = (weight: Tensor, deviation: number): void => void weight.normal_(0, deviation)

function initializeText({ textModel, textProjection, config }: Clip): void {
  const { hidden_size: d, num_hidden_layers } = config.text_config
  const { tokenEmbedding, positionEmbedding } = textModel.embeddings
  normal(tokenEmbedding.weight, 0.02)
  normal(positionEmbedding.weight, 0.01)
  const toResidual = d ** -0.5 * (2 * num_hidden_layers) ** -0.5
  for (const { selfAttn, mlp } of textModel.encoder.layers) {
    for (const { weight } of [selfAttn.qProj, selfAttn.kProj, selfAttn.vProj]) normal(weight, d ** -0.5)
    normal(selfAttn.outProj.weight, toResidual)
    normal(mlp.fc1.weight, (2 * d) ** -0.5)
    normal(mlp.fc2.weight, toResidual)
  }
  zeroAttentionBiases(textModel.encoder)
  normal(textProjection.weight, d ** -0.5)
}

function initializeVit(tower: VitTower, projection: Linear): void {
  const { classEmbedding, positionEmbedding } = tower.embeddings
  const [d] = classEmbedding.shape as [number]
  for (const weight of [classEmbedding, positionEmbedding.weight, projection.weight])
    normal(weight, d ** -0.5)
  // Glorot and Bengio 2010, of queries, keys and values as the one matrix [3 d, d] that open_clip has.
  const most = Math.sqrt(6 / (4 * d))
  for (const { selfAttn } of tower.encoder.layers)
    for (const { weight } of [selfAttn.qProj, selfAttn.kProj, selfAttn.vProj]) weight.uniform_(-most, most)
  zeroAttentionBiases(tower.encoder)
}

function zeroAttentionBiases({ layers }: Encoder): void {
  for (const { selfAttn } of layers)
    for (const { bias } of [selfAttn.qProj, selfAttn.kProj, selfAttn.vProj, selfAttn.outProj]) bias!.fill_(0)
}

function initializeResNet({ attnpool, layer1, layer2, layer3, layer4 }: ResNetTower): void {
  const [, width] = attnpool.positionalEmbedding.shape as [number, number]
  normal(attnpool.positionalEmbedding, width ** -0.5)
  for (const { weight } of [attnpool.qProj, attnpool.kProj, attnpool.vProj, attnpool.cProj])
    normal(weight, width ** -0.5)
  // Each block is the identity at first.
  for (const { bn3 } of [...layer1, ...layer2, ...layer3, ...layer4]) bn3.weight.fill_(0)
}
