/** Both kinds of image models, by configuration. Needs no libtorch. */

import type { StateTensor } from '../checkpoint/wanted-tensors.ts'
import {
  classifierConfigIssues,
  classifierFlops,
  classifierTensors,
  type ImageClassifierConfig,
  inputShape,
  type SampleShape,
} from '../image-classifier-config.ts'
import { isResNetConfig, type ResNetConfig } from '../resnet/config.ts'
import { resNetIssues } from '../resnet/issues.ts'
import { resNetFlops, resNetTensors } from '../resnet/tensors.ts'

export type ImageModelConfig = ImageClassifierConfig | ResNetConfig

/** @internal */
export const isImageModelConfig = (config: object): config is ImageModelConfig =>
  isResNetConfig(config) || ('model_type' in config && config.model_type === 'image_classifier')

/**
 * Returns every issue as a sentence that includes the value; empty if the model can be built.
 *
 * @internal
 */
export const imageModelIssues = (config: ImageModelConfig): string[] =>
  isResNetConfig(config) ? resNetIssues(config) : classifierConfigIssues(config)

/**
 * Parameters and running statistics, in the order of the model's own `state()`.
 *
 * @internal
 */
export const imageModelTensors = (config: ImageModelConfig): Iterable<StateTensor> =>
  isResNetConfig(config) ? resNetTensors(config) : classifierTensors(config)

/**
 * Shape of one sample: [channels, height, width] or [features].
 *
 * @internal
 */
export const imageInputShape = (config: ImageModelConfig): SampleShape => inputShape(config)

/**
 * Operations of training on one sample, forward and back.
 *
 * @internal
 */
export const imageModelFlops = (config: ImageModelConfig): number =>
  isResNetConfig(config) ? resNetFlops(config) : classifierFlops(config)
