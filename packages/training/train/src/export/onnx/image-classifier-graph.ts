/** An `ImageClassifier` as ONNX nodes, layer by layer, with any quantisation points. */

import {
  BatchNorm2d,
  Conv2d,
  GroupNorm,
  type ImageClassifier,
  type Linear,
  type SampleShape,
  shapesInto,
} from '@hadal/nn'
import type { ImageOps } from './image-ops.ts'
import type { Placed } from './quantized-graph.ts'

/** From the graph's input to logits. */
export function classifierGraph(model: ImageClassifier, ops: ImageOps, input: Placed): Placed {
  const shapes = shapesInto(model.config)
  let at = ops.point(model.input, input)
  for (const [index, layer] of model.layers.entries()) {
    const before = model.layers[index - 1]
    const after = model.layers[index + 1]
    const point = model.points[index]
    const { kind } = model.config.layers[index]!
    if (layer instanceof Conv2d) at = ops.conv(layer, after instanceof BatchNorm2d ? after : undefined, at)
    else if (layer instanceof BatchNorm2d) {
      if (!(before instanceof Conv2d)) at = ops.batchNorm(layer, at)
    } else if (layer instanceof GroupNorm) at = ops.groupNorm(layer, at, shapes[index]!.length + 1)
    else if (kind === 'global-average-pool') {
      at = ops.globalAveragePool(at, point, ops.nameOf(layer))
      continue
    } else at = plainLayer(model, index, shapes[index]!, ops, at)
    at = ops.point(point, at)
  }
  const isFlat = shapes.at(-1)!.length === 1
  return ops.linear(model.head, isFlat ? at : ops.flatten(at, 'flat'), 'logits')
}

/** A pointwise layer. `shape` is the input's. */
function plainLayer(
  model: ImageClassifier,
  index: number,
  shape: SampleShape,
  ops: ImageOps,
  at: Placed,
): Placed {
  const config = model.config.layers[index]!
  const layer = model.layers[index]!
  const name = ops.nameOf(layer)
  switch (config.kind) {
    case 'linear':
      return ops.linear(layer as unknown as Linear, shape.length === 1 ? at : ops.flatten(at, `${name}_flat`))
    case 'max-pool':
      return ops.maxPool(at, config.kernel, config.stride ?? config.kernel, 0, name)
    case 'average-pool':
      return ops.averagePool(at, config.kernel, config.stride ?? config.kernel, name)
    case 'relu':
      return ops.relu(at, name)
    case 'tanh':
      return ops.tanh(at, name)
    case 'gelu':
      return ops.gelu(at, name)
    case 'flatten':
      return shape.length === 1 ? at : ops.flatten(at, name)
    default:
      throw new Error(`${config.kind} cannot be exported on its own`)
  }
}
