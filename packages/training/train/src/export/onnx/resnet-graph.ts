/** A `ResNet` as nodes, block by block. */

import { BasicBlock, type ResNet, type ResNetBlock } from '@hadal/nn'
import type { ImageOps } from './image-ops.ts'
import type { Placed } from './quantized-graph.ts'

/** From the graph's input to logits. */
export function resNetGraph(model: ResNet, ops: ImageOps, input: Placed): Placed {
  const stem = ops.conv(model.conv1, model.bn1, ops.point(model.input, input))
  let at = ops.point(model.stemPoint, ops.relu(stem, 'relu'))
  if (model.stem.pool) at = ops.maxPool(at, 3, 2, 1, 'maxpool')
  for (const block of model.blocks) at = blockGraph(block, ops, at)
  return ops.linear(model.fc, ops.globalAveragePool(at, model.pooledPoint, 'pooled'), 'logits')
}

function blockGraph(block: ResNetBlock, ops: ImageOps, input: Placed): Placed {
  const name = ops.nameOf(block)
  const { conv1, bn1, point1, conv2, bn2, point2, downsample, downsamplePoint, output } = block
  let at = ops.point(point1, ops.relu(ops.conv(conv1, bn1, input), `${name}.relu1`))
  at = ops.conv(conv2, bn2, at)
  if (block instanceof BasicBlock) at = ops.point(point2, at)
  else {
    at = ops.point(point2, ops.relu(at, `${name}.relu2`))
    at = ops.point(block.point3, ops.conv(block.conv3, block.bn3, at))
  }
  const past = downsample ? ops.point(downsamplePoint, ops.conv(...downsample, input)) : input
  return ops.point(output, ops.relu(ops.add(at, past, `${name}.sum`), `${name}.relu`))
}
