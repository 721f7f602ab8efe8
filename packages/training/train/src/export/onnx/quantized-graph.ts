/**
 * A graph with quantised values: QuantizeLinear and DequantizeLinear pairs, which runtimes fuse with the node between them into
 * integer kernels. Independent of layers.
 *
 * Shapes: n outputs.
 */

import { GraphBuilder, type NodeOptions, type OnnxFloatType, type OnnxValue } from '@hadal/formats'
import { type Module, namedModules, type QuantParameters, type QuantPoint } from '@hadal/nn'
import { noGrad, scope, type Tensor } from '@hadal/tensor'
import { onnxUnsupported } from './errors.ts'
import { integerBias, integerWeight, roomForBias } from './integer-weights.ts'

/** A value of the graph and its quantisation grid, if any. */
export interface Placed {
  readonly value: OnnxValue
  readonly grid?: Grid
  /** Whether it is non-negative because it follows a ReLU. */
  readonly isRectified?: boolean
  /** Grids of its summands. */
  readonly addends?: readonly Grid[]
}

export interface Grid extends QuantParameters {
  /** Names of the initializers. */
  readonly scaleValue: OnnxValue
  readonly zeroValue: OnnxValue
}

export class QuantizedGraph {
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

  /** Quantises to the point's grid, if it has one. */
  point(point: QuantPoint | undefined, at: Placed): Placed {
    const found = point && this.#grids.get(this.nameOf(point))
    if (!found) return at
    const { name, scale, zeroPoint } = found
    if (at.addends?.some((addend) => !isComputable(addend.scale[0]! / scale[0]!)))
      return { value: this.#clipped(found, at.value) }
    const scaleValue = this.initializer(`${name}_scale`, 'float32', [], scale)
    const zeroValue = this.initializer(`${name}_zero_point`, integerType(found), [], zeroPoint)
    const isWhole = found.quantMax - found.quantMin === 255
    // QuantizeLinear saturates at the ends of 8 bits: a grid of fewer has to be kept within its own.
    return this.#onto(
      { ...found, scaleValue, zeroValue },
      isWhole ? at.value : this.#clipped(found, at.value),
    )
  }

  /** Weight and bias of a product, as the graph has them: integers where the weight has a grid, and the bias where x has one too. */
  protected operands(
    name: string,
    weight: Tensor,
    bias: Tensor | undefined,
    { grid: input }: Placed,
  ): OnnxValue[] {
    const found = this.#grids.get(`${name}.weight`)
    const bias_n = bias && floatsOf(bias)
    const plainBias = (): OnnxValue[] =>
      bias_n ? [this.initializer(`${name}.bias`, 'float32', [bias_n.length], bias_n)] : []
    if (!found)
      return [this.initializer(`${name}.weight`, 'float32', weight.shape, floatsOf(weight)), ...plainBias()]
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
      this.initializer(`${name}.weight_scale`, 'float32', along, scale),
      this.graph.initializer(`${name}.weight_zero_point`, type, along, zeroPoint),
    ])
    if (!bias_n || !input) return [dequantized, ...plainBias()]
    const integers = integerBias(bias_n, input.scale[0]!, scale)
    const dequantizedBias = this.#dequantize(`${name}.bias`, [
      this.graph.initializer(`${name}.bias_quantized`, 'int32', [bias_n.length], integers.values),
      this.initializer(`${name}.bias_scale`, 'float32', along, integers.scale),
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
      this.initializer(`${name}_${key}`, 'float32', [], [(most - zeroPoint[0]!) * scale[0]!])
    return this.graph.node('Clip', [value, end('least', quantMin), end('most', quantMax)], {
      name: `${name}_clipped`,
    })
  }

  /** Data movement keeps the grid. The quantisation is repeated so that the node sits between two of them and runs in integers. */
  protected again({ grid }: Placed, moved: Placed): Placed {
    return grid ? this.#onto(grid, moved.value) : moved
  }

  protected node(
    op: string,
    inputs: readonly OnnxValue[],
    name: string,
    attributes: NonNullable<NodeOptions['attributes']> = {},
  ): Placed {
    return { value: this.graph.node(op, inputs, { name, attributes }) }
  }

  protected initializer(
    name: string,
    type: OnnxFloatType | 'int8' | 'uint8',
    shape: readonly number[],
    values: Float32Array | readonly number[],
  ): OnnxValue {
    return this.graph.initializer(name, type, shape, values)
  }

  /** Tensors made within die at its end. */
  protected frozen(body: () => Placed): Placed {
    return noGrad(() => scope(body))
  }
}

/**
 * Whether onnxruntime supports adding integers of grids with this ratio of steps. It fails beyond, which happens if only zeros were
 * observed. Such a sum stays in fp32, clamped to its grid's range.
 */
const isComputable = (ratio: number): boolean => ratio >= 2 ** -20 && ratio < 256

const integerType = ({ quantMin }: QuantParameters): 'int8' | 'uint8' => (quantMin < 0 ? 'int8' : 'uint8')

export const floatsOf = (tensor: Tensor): Float32Array =>
  tensor.detach().float().toTypedArray() as Float32Array
