/** Creates and initialises both kinds of image models. */

import type { DType } from '@hadal/tensor'
import { ImageClassifier } from '../image-classifier.ts'
import { initializeLayers } from '../initialize-layers.ts'
import { isResNetConfig } from '../resnet/config.ts'
import { initializeResNet } from '../resnet/initialize.ts'
import { ResNet } from '../resnet/model.ts'
import type { ImageModelConfig } from './config.ts'

export type ImageModel = ImageClassifier | ResNet

/**
 * Allocated and not filled: `initializeImageModel` or a checkpoint does that. Throws `nn_invalid_model_config`.
 *
 * @example
 * ```ts
 * import { createImageModel, initializeImageModel } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const model = createImageModel({ model_type: 'image_classifier', input: { features: 16 }, layers: [{ kind: 'linear', width: 8 }, { kind: 'relu' }], classes: 2 })
 * initializeImageModel(model)
 * model.forward(torch.zeros([1, 16])).shape // → [ 1, 2 ]
 * ```
 */
export const createImageModel = (config: ImageModelConfig, dtype: DType = 'float32'): ImageModel =>
  isResNetConfig(config) ? new ResNet(config, dtype) : new ImageClassifier(config, dtype)

/**
 * Fresh weights and statistics, in place, from the global generator.
 *
 * @example
 * ```ts
 * import { manualSeed } from '@hadal/tensor'
 * import { createImageModel, initializeImageModel, resNetConfig } from '@hadal/nn'
 *
 * manualSeed(1)
 * const model = createImageModel(resNetConfig(18, { input: { channels: 3, height: 32, width: 32 }, classes: 10 }))
 * initializeImageModel(model)
 * ```
 */
export function initializeImageModel(model: ImageModel): void {
  if (model instanceof ResNet) initializeResNet(model)
  else initializeLayers(model)
}
