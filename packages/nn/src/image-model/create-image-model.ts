/** Either of the models that tell images apart, made and filled. Knows nothing about files. */

import type { DType } from '@hadal/tensor'
import { ImageClassifier } from '../image-classifier.ts'
import { initializeLayers } from '../initialize-layers.ts'
import { isResNetConfig } from '../resnet/config.ts'
import { initializeResNet } from '../resnet/initialize.ts'
import { ResNet } from '../resnet/model.ts'
import type { ImageModelConfig } from './config.ts'

export type ImageModel = ImageClassifier | ResNet

/** Allocated and not filled: `initializeImageModel` or a checkpoint does that. Throws `nn_invalid_model_config`. */
export const createImageModel = (config: ImageModelConfig, dtype: DType = 'float32'): ImageModel =>
  isResNetConfig(config) ? new ResNet(config, dtype) : new ImageClassifier(config, dtype)

/** Fresh weights and statistics, in place, from the global generator. */
export function initializeImageModel(model: ImageModel): void {
  if (model instanceof ResNet) initializeResNet(model)
  else initializeLayers(model)
}
