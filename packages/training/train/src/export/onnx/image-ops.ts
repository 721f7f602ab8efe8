/**
 * Layers of image models as nodes of an ONNX graph, in fp32 or quantised. Norms after convolutions are folded into them.
 * Independent of architectures.
 *
 * Shapes: b batch, c channels, n outputs.
 */

import type { OnnxValue } from '@hadal/formats'
import { type BatchNorm2d, type Conv2d, foldNorm, GroupNorm, type Linear, type QuantPoint } from '@hadal/nn'
import type { Tensor } from '@hadal/tensor'
import { onnxUnsupported } from './errors.ts'
import { floatsOf, type Grid, type Placed, QuantizedGraph } from './quantized-graph.ts'

export class ImageOps extends QuantizedGraph {
  /** Folds `norm` in if it is a `BatchNorm2d`; a `GroupNorm` in its place becomes a separate node. */
  conv(conv: Conv2d, norm: BatchNorm2d | GroupNorm | undefined, at: Placed): Placed {
    if (norm instanceof GroupNorm) return this.groupNorm(norm, this.conv(conv, undefined, at), 4)
    return this.frozen(() => {
      const { stride, padding, dilation, groups } = conv
      const folded = norm ? foldNorm(conv, norm) : { weight: conv.weight.float(), bias: conv.bias?.float() }
      const operands = this.operands(this.nameOf(conv), folded.weight, folded.bias, at)
      const attributes = {
        kernel_shape: folded.weight.shape.slice(2),
        strides: stride,
        pads: [...padding, ...padding],
        dilations: dilation,
        group: groups,
      }
      return this.node('Conv', [at.value, ...operands], this.nameOf(conv), attributes)
    })
  }

  /** [b, ...], flattened if needed, to [b, n]. Throws `train_onnx_unsupported` for a layer with an adapter. */
  linear(layer: Linear, at: Placed, output: string = this.nameOf(layer)): Placed {
    const name = this.nameOf(layer)
    if (layer.isAdapted)
      throw onnxUnsupported(
        `${name} (Linear)`,
        'it has an adapter',
        'Merge the adapter into the weights first: mergedWeights(base, adapter).',
      )
    return this.frozen(() => {
      const operands = this.operands(name, layer.matrix().float(), layer.bias?.float(), at)
      return this.node('Gemm', [at.value, ...operands], output, { transB: 1 })
    })
  }

  maxPool(at: Placed, kernel: number, stride: number, padding: number, name: string): Placed {
    const pooled = this.node('MaxPool', [at.value], name, {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
    })
    return this.again(at, pooled)
  }

  averagePool(at: Placed, kernel: number, stride: number, name: string): Placed {
    const attributes = { kernel_shape: [kernel, kernel], strides: [stride, stride] }
    return { ...this.node('AveragePool', [at.value], name, attributes), addends: addendsOf(at) }
  }

  /** [b, c, h, w] to [b, c]; `point` quantises the result. */
  globalAveragePool(at: Placed, point: QuantPoint | undefined, name: string): Placed {
    // Quantised before it is flattened, so that it is one kernel.
    const pool = { ...this.node('GlobalAveragePool', [at.value], `${name}_pool`), addends: addendsOf(at) }
    const pooled = this.point(point, pool)
    return this.flatten(pooled, name)
  }

  flatten(at: Placed, name: string): Placed {
    return this.again(at, this.node('Flatten', [at.value], name, { axis: 1 }))
  }

  add(one: Placed, other: Placed, name: string): Placed {
    return { ...this.node('Add', [one.value, other.value], name), addends: addendsOf(one, other) }
  }

  /** Merges consecutive ReLUs: onnxruntime (1.30) rejects its own fusion of two. */
  relu(at: Placed, name: string): Placed {
    if (at.isRectified) return at
    const { addends = [] } = at
    return { ...this.node('Relu', [at.value], name), isRectified: true, addends }
  }

  tanh(at: Placed, name: string): Placed {
    return this.node('Tanh', [at.value], name)
  }

  /** x / 2 · (1 + erf(x / √2)); ONNX has a Gelu operator only from opset 20 on. */
  gelu(at: Placed, name: string): Placed {
    const constant = (key: string, value: number): OnnxValue =>
      this.initializer(`${name}_${key}`, 'float32', [], [value])
    const scaled = this.node('Mul', [at.value, constant('inner_scale', Math.SQRT1_2)], `${name}_scaled`)
    const erf = this.node('Erf', [scaled.value], `${name}_erf`)
    const gate = this.node('Add', [erf.value, constant('one', 1)], `${name}_gate`)
    const gated = this.node('Mul', [at.value, gate.value], `${name}_gated`)
    return this.node('Mul', [gated.value, constant('half', 0.5)], name)
  }

  /** Groups as rows of an instance norm, because GroupNormalization is correct only from opset 21 on. `dimensions` is the rank of x. */
  groupNorm(norm: GroupNorm, at: Placed, dimensions: number): Placed {
    const name = this.nameOf(norm)
    const { groups, eps } = norm
    const along = [norm.weight.shape[0]!, ...Array.from({ length: dimensions - 2 }, () => 1)]
    const own = (key: string, tensor: Tensor): OnnxValue =>
      this.initializer(`${name}.${key}`, 'float32', along, floatsOf(tensor))
    const filled = (key: string, value: number): OnnxValue =>
      this.initializer(`${name}_${key}`, 'float32', [groups], new Float32Array(groups).fill(value))
    return this.frozen(() => {
      const rowsShape = this.graph.initializer(`${name}_rows`, 'int64', [3], [0, groups, -1])
      const rows = this.node('Reshape', [at.value, rowsShape], `${name}_by_group`)
      const normed = this.node(
        'InstanceNormalization',
        [rows.value, filled('ones', 1), filled('zeros', 0)],
        `${name}_normed`,
        { epsilon: { float: eps } },
      )
      const shape = this.node('Shape', [at.value], `${name}_shape`)
      const back = this.node('Reshape', [normed.value, shape.value], `${name}_by_channel`)
      const scaled = this.node('Mul', [back.value, own('weight', norm.weight)], `${name}_scaled`)
      return this.node('Add', [scaled.value, own('bias', norm.bias)], name)
    })
  }

  /** A norm that follows no convolution. */
  batchNorm(norm: BatchNorm2d, at: Placed): Placed {
    const name = this.nameOf(norm)
    const own = (key: string, tensor: Tensor): OnnxValue =>
      this.initializer(`${name}.${key}`, 'float32', tensor.shape, floatsOf(tensor))
    return this.frozen(() =>
      this.node(
        'BatchNormalization',
        [
          at.value,
          own('weight', norm.weight),
          own('bias', norm.bias),
          own('running_mean', norm.runningMean),
          own('running_var', norm.runningVar),
        ],
        name,
        { epsilon: { float: norm.eps } },
      ),
    )
  }

  softmax(at: Placed, name: string): Placed {
    return this.node('Softmax', [at.value], name, { axis: 1 })
  }
}

const addendsOf = (...placed: readonly Placed[]): readonly Grid[] => placed.flatMap(({ grid }) => grid ?? [])
