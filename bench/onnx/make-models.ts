/**
 * Two models with random weights, for measuring speed where nothing may be downloaded: a network of matrices, which reads its
 * weights once for a whole batch, and one of convolutions, which computes each picture by itself. What they answer is noise; what a
 * run costs is real.
 */

import { join } from 'node:path'
import { seededRandom } from '@hadal/batching'
import { GraphBuilder, type OnnxGraph, type OnnxValue, writeOnnx } from '@hadal/formats'

export interface BenchModel {
  readonly name: string
  readonly what: string
  readonly path: string
  /** Of a row. */
  readonly dims: readonly number[]
}

export function makeModels(folder: string): readonly BenchModel[] {
  const models = [
    {
      name: 'matrices',
      what: '784 numbers through three layers of 2048 to 10 (10M weights)',
      dims: [784],
      graph: matrices(),
    },
    {
      name: 'convolutions',
      what: 'pictures of 3 x 64 x 64 through six 3 x 3 convolutions of 32 to 128 channels to 10 (0.3M weights)',
      dims: [3, 64, 64],
      graph: convolutions(),
    },
  ]
  return models.map(({ graph, ...about }) => {
    const path = join(folder, `${about.name}.onnx`)
    const opsets = [{ domain: '', version: 17 }]
    writeOnnx(path, { irVersion: 8, opsets, producerName: 'hadal bench', graph, metadata: new Map() })
    return { ...about, path }
  })
}

/** Values around zero, small enough that nothing grows from layer to layer. */
function weights(seed: number, count: number, fanIn: number): Float32Array {
  const random = seededRandom(seed)
  const bound = Math.sqrt(6 / fanIn)
  return Float32Array.from({ length: count }, () => (2 * random() - 1) * bound)
}

function matrices(): OnnxGraph {
  const graph = new GraphBuilder('matrices')
  let value = graph.input('x', 'float32', ['batch', 784])
  const widths = [784, 2048, 2048, 2048, 10]
  for (const [at, width] of widths.slice(1).entries()) {
    const from = widths[at]!
    const matrix = graph.initializer(
      `weight_${at}`,
      'float32',
      [from, width],
      weights(at + 1, from * width, from),
    )
    const offset = graph.initializer(`bias_${at}`, 'float32', [width], new Float32Array(width))
    value = graph.node('Gemm', [value, matrix, offset])
    if (width !== 10) value = graph.node('Relu', [value])
  }
  graph.output(value, 'float32', ['batch', 10])
  return graph.build()
}

function convolutions(): OnnxGraph {
  const graph = new GraphBuilder('convolutions')
  let value: OnnxValue = graph.input('x', 'float32', ['batch', 3, 64, 64])
  const channels = [3, 32, 32, 64, 64, 128, 128]
  for (const [at, to] of channels.slice(1).entries()) {
    const from = channels[at]!
    const shape = [to, from, 3, 3]
    const kernel = graph.initializer(
      `kernel_${at}`,
      'float32',
      shape,
      weights(at + 11, to * from * 9, from * 9),
    )
    const stride = to === from ? 1 : at === 0 ? 1 : 2
    const attributes = { pads: [1, 1, 1, 1], strides: [stride, stride] }
    value = graph.node('Relu', [graph.node('Conv', [value, kernel], { attributes })])
  }
  const pooled = graph.node('Flatten', [graph.node('GlobalAveragePool', [value])])
  const matrix = graph.initializer('weight', 'float32', [128, 10], weights(99, 1280, 128))
  const offset = graph.initializer('bias', 'float32', [10], new Float32Array(10))
  graph.output(graph.node('Gemm', [pooled, matrix, offset]), 'float32', ['batch', 10])
  return graph.build()
}
