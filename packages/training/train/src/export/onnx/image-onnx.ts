/**
 * Converts an image model to ONNX. The opset is old enough for runtimes from 2021 on.
 *
 * Shapes: b batch, k classes.
 */

import type { OnnxModel } from '@hadal/formats'
import { ImageClassifier, inputShape, type Module, type QuantParameters, ResNet } from '@hadal/nn'
import { onnxUnsupported } from './errors.ts'
import { classifierGraph } from './image-classifier-graph.ts'
import { type ImageFacts, imageMetadata } from './image-metadata.ts'
import { ImageOps } from './image-ops.ts'
import { resNetGraph } from './resnet-graph.ts'

export interface ImageOnnxOptions {
  /** Name of the graph. Default: the kind of model. */
  readonly name?: string
  /** `FakeQuantization.parameters()` of the model. Default: none, fp32. */
  readonly quantization?: readonly QuantParameters[]
  /** Output `probabilities` instead of `logits`. Default: false. */
  readonly softmax?: boolean
  /** Metadata besides the shape, which the model provides. */
  readonly facts?: Omit<ImageFacts, 'shape'>
}

/** QuantizeLinear and DequantizeLinear by channel are of 13, and QDQ is read from it on. */
const opset = 17
const irVersion = 8

/**
 * `input` fp32 [b, ...] to `logits` fp32 [b, k], with any b. Norms after convolutions are folded into them. Throws
 * `train_onnx_unsupported` for unsupported layers, by name.
 *
 * @example
 * ```ts
 * import { imageOnnx, openImageModelFile, readImageModel } from '@hadal/train'
 * import { writeOnnx } from '@hadal/formats'
 *
 * const file = readImageModel('runs/digits/model')
 * const { model } = openImageModelFile(file)
 * writeOnnx('digits.onnx', imageOnnx(model, { name: 'digits', softmax: true }))
 * ```
 */
export function imageOnnx(model: Module, options: ImageOnnxOptions = {}): OnnxModel {
  if (!(model instanceof ImageClassifier || model instanceof ResNet))
    throw onnxUnsupported(
      model.constructor.name,
      'it is not an image classifier',
      'Image classifiers and residual networks become ONNX; write a language model as GGUF: `hadal export --format gguf`.',
    )
  const { quantization = [], softmax = false, facts } = options
  const { config } = model
  const shape = inputShape(config)
  const name = options.name ?? config.model_type
  const ops = new ImageOps(model, name, quantization)
  const input = ops.input('input', shape)
  const logits = model instanceof ResNet ? resNetGraph(model, ops, input) : classifierGraph(model, ops, input)
  const output = softmax ? ops.softmax(logits, 'probabilities') : logits
  ops.graph.output(output.value, 'float32', ['batch', config.classes])
  return {
    irVersion,
    opsets: [{ domain: '', version: opset }],
    producerName: 'hadal',
    graph: ops.graph.build(),
    metadata: imageMetadata({ shape, ...facts }, quantization.length > 0 ? 'int8' : undefined),
  }
}
