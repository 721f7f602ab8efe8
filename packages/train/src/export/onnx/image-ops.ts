/**
 * The layers of image models as nodes of an ONNX graph, in fp32 or between QuantizeLinear and DequantizeLinear, which runtimes fuse
 * with the node between them into one that computes in integers. Norms after convolutions are folded into them. Knows nothing about
 * architectures.
 *
 * Shapes: b batch, c channels, n outputs.
 */

import { GraphBuilder, type NodeOptions, type OnnxFloatType, type OnnxValue } from '@hadal/formats'
import {
  type BatchNorm2d,
  type Conv2d,
  foldNorm,
  GroupNorm,
  type Linear,
  type Module,
  namedModules,
  type QuantParameters,
  type QuantPoint,
} from '@hadal/nn'
import { noGrad, scope, type Tensor } from '@hadal/tensor'
import { onnxUnsupported } from './errors.ts'
import { integerBias, integerWeight, roomForBias } from './integer-weights.ts'

/** A value of the graph, and the grid it stands on, if it stands on one. */
export interface Placed {
  readonly value: OnnxValue
  readonly grid?: Grid
  /** Whether nothing in it is below zero, because a ReLU stands before it. */
  readonly isRectified?: boolean
  /** The grids of what was added up to it. */
  readonly addends?: readonly Grid[]
}

interface Grid extends QuantParameters {
  /** Of its initializers. */
  readonly scaleValue: OnnxValue
  readonly zeroValue: OnnxValue
}

export class ImageOps {
  readonly graph: GraphBuilder
  readonly #names: ReadonlyMap<Module, string>
  readonly #grids: ReadonlyMap<string, QuantParameters>

  /** `grids` are of a `FakeQuantization` of `root`; empty: all stays in fp32. */
  constructor(root: Module, graphName: string, grids: readonly QuantParameters[]) {
    this.graph = new GraphBuilder(graphName)
    this.#names = new Map([...namedModules(root)].map(([name, module]) => [module, name]))
    this.#grids = new Map(grids.map((grid) => [grid.name, grid]))
  }

  nameOf(module: Module): string {
    return this.#names.get(module)!
  }

  input(name: string, shape: readonly number[]): Placed {
    return { value: this.graph.input(name, 'float32', ['batch', ...shape]) }
  }

  /** Onto the grid of the point, where it has one. */
  point(point: QuantPoint | undefined, at: Placed): Placed {
    const found = point && this.#grids.get(this.nameOf(point))
    if (!found) return at
    const { name, scale, zeroPoint } = found
    if (at.addends?.some((addend) => !isComputable(addend.scale[0]! / scale[0]!)))
      return { value: this.#clipped(found, at.value) }
    const scaleValue = this.#initializer(`${name}_scale`, 'float32', [], scale)
    const zeroValue = this.#initializer(`${name}_zero_point`, integerType(found), [], zeroPoint)
    const isWhole = found.quantMax - found.quantMin === 255
    // QuantizeLinear saturates at the ends of 8 bits: a grid of fewer has to be kept within its own.
    return this.#onto(
      { ...found, scaleValue, zeroValue },
      isWhole ? at.value : this.#clipped(found, at.value),
    )
  }

  /** With `norm`, if there is one, folded in; a `GroupNorm` that was put in its place stands behind. */
  conv(conv: Conv2d, norm: BatchNorm2d | GroupNorm | undefined, at: Placed): Placed {
    if (norm instanceof GroupNorm) return this.groupNorm(norm, this.conv(conv, undefined, at), 4)
    return this.#frozen(() => {
      const { stride, padding, dilation, groups } = conv
      const folded = norm ? foldNorm(conv, norm) : { weight: conv.weight.float(), bias: conv.bias?.float() }
      const operands = this.#operands(this.nameOf(conv), folded.weight, folded.bias, at)
      const attributes = {
        kernel_shape: folded.weight.shape.slice(2),
        strides: stride,
        pads: [...padding, ...padding],
        dilations: dilation,
        group: groups,
      }
      return this.#node('Conv', [at.value, ...operands], this.nameOf(conv), attributes)
    })
  }

  /** [b, ...], flattened where need be, to [b, n]. Throws `train_onnx_unsupported` for one with an adapter beside it. */
  linear(layer: Linear, at: Placed, output: string = this.nameOf(layer)): Placed {
    const name = this.nameOf(layer)
    if (layer.isAdapted)
      throw onnxUnsupported(
        `${name} (Linear)`,
        'an adapter stands beside it',
        'Take the adapter into the weights first: mergedWeights(base, adapter).',
      )
    return this.#frozen(() => {
      const operands = this.#operands(name, layer.matrix().float(), layer.bias?.float(), at)
      return this.#node('Gemm', [at.value, ...operands], output, { transB: 1 })
    })
  }

  maxPool(at: Placed, kernel: number, stride: number, padding: number, name: string): Placed {
    const pooled = this.#node('MaxPool', [at.value], name, {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
    })
    return this.#again(at, pooled)
  }

  averagePool(at: Placed, kernel: number, stride: number, name: string): Placed {
    const attributes = { kernel_shape: [kernel, kernel], strides: [stride, stride] }
    return { ...this.#node('AveragePool', [at.value], name, attributes), addends: addendsOf(at) }
  }

  /** [b, c, h, w] to [b, c]; `point` stands after it. */
  globalAveragePool(at: Placed, point: QuantPoint | undefined, name: string): Placed {
    // Quantised before it is flattened, so that it is one kernel.
    const pool = { ...this.#node('GlobalAveragePool', [at.value], `${name}_pool`), addends: addendsOf(at) }
    const pooled = this.point(point, pool)
    return this.flatten(pooled, name)
  }

  flatten(at: Placed, name: string): Placed {
    return this.#again(at, this.#node('Flatten', [at.value], name, { axis: 1 }))
  }

  add(one: Placed, other: Placed, name: string): Placed {
    return { ...this.#node('Add', [one.value, other.value], name), addends: addendsOf(one, other) }
  }

  /** One of them, where two stand in a row: onnxruntime refuses what it makes of two (1.30). */
  relu(at: Placed, name: string): Placed {
    if (at.isRectified) return at
    const { addends = [] } = at
    return { ...this.#node('Relu', [at.value], name), isRectified: true, addends }
  }

  tanh(at: Placed, name: string): Placed {
    return this.#node('Tanh', [at.value], name)
  }

  /** x / 2 · (1 + erf(x / √2)); an operator of its own only from opset 20 on. */
  gelu(at: Placed, name: string): Placed {
    const constant = (key: string, value: number): OnnxValue =>
      this.#initializer(`${name}_${key}`, 'float32', [], [value])
    const scaled = this.#node('Mul', [at.value, constant('inner_scale', Math.SQRT1_2)], `${name}_scaled`)
    const erf = this.#node('Erf', [scaled.value], `${name}_erf`)
    const gate = this.#node('Add', [erf.value, constant('one', 1)], `${name}_gate`)
    const gated = this.#node('Mul', [at.value, gate.value], `${name}_gated`)
    return this.#node('Mul', [gated.value, constant('half', 0.5)], name)
  }

  /** Groups as rows of an instance norm, because GroupNormalization is right only from opset 21 on. x has so many dimensions. */
  groupNorm(norm: GroupNorm, at: Placed, dimensions: number): Placed {
    const name = this.nameOf(norm)
    const { groups, eps } = norm
    const along = [norm.weight.shape[0]!, ...Array.from({ length: dimensions - 2 }, () => 1)]
    const own = (key: string, tensor: Tensor): OnnxValue =>
      this.#initializer(`${name}.${key}`, 'float32', along, floatsOf(tensor))
    const filled = (key: string, value: number): OnnxValue =>
      this.#initializer(`${name}_${key}`, 'float32', [groups], new Float32Array(groups).fill(value))
    return this.#frozen(() => {
      const rowsShape = this.graph.initializer(`${name}_rows`, 'int64', [3], [0, groups, -1])
      const rows = this.#node('Reshape', [at.value, rowsShape], `${name}_by_group`)
      const normed = this.#node(
        'InstanceNormalization',
        [rows.value, filled('ones', 1), filled('zeros', 0)],
        `${name}_normed`,
        { epsilon: { float: eps } },
      )
      const shape = this.#node('Shape', [at.value], `${name}_shape`)
      const back = this.#node('Reshape', [normed.value, shape.value], `${name}_by_channel`)
      const scaled = this.#node('Mul', [back.value, own('weight', norm.weight)], `${name}_scaled`)
      return this.#node('Add', [scaled.value, own('bias', norm.bias)], name)
    })
  }

  /** One that stands behind no convolution. */
  batchNorm(norm: BatchNorm2d, at: Placed): Placed {
    const name = this.nameOf(norm)
    const own = (key: string, tensor: Tensor): OnnxValue =>
      this.#initializer(`${name}.${key}`, 'float32', tensor.shape, floatsOf(tensor))
    return this.#frozen(() =>
      this.#node(
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
    return this.#node('Softmax', [at.value], name, { axis: 1 })
  }

  /** Weight and bias of a product, as the graph has them: integers where the weight has a grid, and the bias where x has one too. */
  #operands(name: string, weight: Tensor, bias: Tensor | undefined, { grid: input }: Placed): OnnxValue[] {
    const found = this.#grids.get(`${name}.weight`)
    const bias_n = bias && floatsOf(bias)
    const plainBias = (): OnnxValue[] =>
      bias_n ? [this.#initializer(`${name}.bias`, 'float32', [bias_n.length], bias_n)] : []
    if (!found)
      return [this.#initializer(`${name}.weight`, 'float32', weight.shape, floatsOf(weight)), ...plainBias()]
    if (found.group !== undefined)
      throw onnxUnsupported(
        name,
        `its weight has a scale for every ${found.group} values of a row`,
        'Quantise weights by channel, or write the model in fp32.',
      )
    const grid = bias_n && input ? roomForBias(found, bias_n, input.scale[0]!) : found
    const { values, scale, zeroPoint } = integerWeight(weight, grid)
    const along = found.axis === undefined ? [] : [scale.length]
    const type = integerType(found)
    const dequantized = this.#dequantize(`${name}.weight`, [
      this.graph.initializer(`${name}.weight_quantized`, type, weight.shape, values),
      this.#initializer(`${name}.weight_scale`, 'float32', along, scale),
      this.graph.initializer(`${name}.weight_zero_point`, type, along, zeroPoint),
    ])
    if (!bias_n || !input) return [dequantized, ...plainBias()]
    const integers = integerBias(bias_n, input.scale[0]!, scale)
    const dequantizedBias = this.#dequantize(`${name}.bias`, [
      this.graph.initializer(`${name}.bias_quantized`, 'int32', [bias_n.length], integers.values),
      this.#initializer(`${name}.bias_scale`, 'float32', along, integers.scale),
      this.graph.initializer(`${name}.bias_zero_point`, 'int32', along, new Int32Array(scale.length)),
    ])
    return [dequantized, dequantizedBias]
  }

  #dequantize(name: string, inputs: readonly OnnxValue[]): OnnxValue {
    return this.graph.node('DequantizeLinear', inputs, { name, attributes: { axis: 0 } })
  }

  /** Rounded to `grid` and back. */
  #onto(grid: Grid, value: OnnxValue): Placed {
    const { name, scaleValue, zeroValue } = grid
    const quantized = this.graph.node('QuantizeLinear', [value, scaleValue, zeroValue], {
      name: `${name}_quantized`,
    })
    return {
      value: this.graph.node('DequantizeLinear', [quantized, scaleValue, zeroValue], { name }),
      grid,
    }
  }

  /** Within the ends of a grid. */
  #clipped({ name, quantMin, quantMax, scale, zeroPoint }: QuantParameters, value: OnnxValue): OnnxValue {
    const end = (key: string, most: number): OnnxValue =>
      this.#initializer(`${name}_${key}`, 'float32', [], [(most - zeroPoint[0]!) * scale[0]!])
    return this.graph.node('Clip', [value, end('least', quantMin), end('most', quantMax)], {
      name: `${name}_clipped`,
    })
  }

  /** What only moves numbers leaves them on their grid. Said again, so that the node stands between two of them and runs in integers. */
  #again({ grid }: Placed, moved: Placed): Placed {
    return grid ? this.#onto(grid, moved.value) : moved
  }

  #node(
    op: string,
    inputs: readonly OnnxValue[],
    name: string,
    attributes: NonNullable<NodeOptions['attributes']> = {},
  ): Placed {
    return { value: this.graph.node(op, inputs, { name, attributes }) }
  }

  #initializer(
    name: string,
    type: OnnxFloatType | 'int8' | 'uint8',
    shape: readonly number[],
    values: Float32Array | readonly number[],
  ): OnnxValue {
    return this.graph.initializer(name, type, shape, values)
  }

  /** Tensors made within die at its end. */
  #frozen(body: () => Placed): Placed {
    return noGrad(() => scope(body))
  }
}

const addendsOf = (...placed: readonly Placed[]): readonly Grid[] => placed.flatMap(({ grid }) => grid ?? [])

/**
 * Whether onnxruntime adds up integers of one grid to another of so much finer steps; it fails beyond, as it may where nothing but
 * zero was ever seen. Such a sum stays in fp32, within the ends of its grid.
 */
const isComputable = (ratio: number): boolean => ratio >= 2 ** -20 && ratio < 256

const integerType = ({ quantMin }: QuantParameters): 'int8' | 'uint8' => (quantMin < 0 ? 'int8' : 'uint8')

const floatsOf = (tensor: Tensor): Float32Array => tensor.detach().float().toTypedArray() as Float32Array
