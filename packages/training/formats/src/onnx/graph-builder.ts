/** Builds an ONNX graph node by node, and generates missing names. */

import type { OnnxElementType } from './element-types.ts'
import { onnxGraphInvalid } from './errors.ts'
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor, OnnxValueInfo } from './model.ts'
import { type OnnxFloatType, type OnnxIntegerType, type OnnxNumbers, onnxTensor } from './tensor-values.ts'

/** The name of an input, an initializer or a node output. */
export type OnnxValue = string

/** Whole numbers are `int` or `ints`; a float is `{ float }` or `{ floats }`, because 1 may be either. */
export type AttributeValue =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | OnnxTensor

export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, AttributeValue | undefined>>
  /** What its output is to be called, if the name is free. Default: after the operator. */
  readonly name?: string
}

/**
 * Builds an ONNX graph node by node, with names of values made up on the way.
 *
 * @example
 * ```ts
 * import { GraphBuilder } from '@hadal/formats'
 *
 * const graph = new GraphBuilder('double')
 * const x = graph.input('x', 'float32', ['batch', 3])
 * const two = graph.initializer('two', 'float32', [], [2])
 * graph.output(graph.node('Mul', [x, two], { name: 'y' }), 'float32', ['batch', 3])
 * graph.build().nodes.map(({ op }) => op) // → [ 'Mul' ]
 * ```
 */
export class GraphBuilder {
  readonly #name: string
  readonly #nodes: OnnxNode[] = []
  readonly #initializers = new Map<string, OnnxTensor>()
  readonly #inputs: OnnxValueInfo[] = []
  readonly #outputs: OnnxValueInfo[] = []
  /** Every name of a value that there is. */
  readonly #values = new Set<string>()
  readonly #counts = new Map<string, number>()

  constructor(name: string) {
    this.#name = name
  }

  /** A text in `shape` names a size that differs from call to call: 'batch'. Throws `onnx_graph_invalid` for a name that is taken. */
  input(name: string, element: OnnxElementType, shape: readonly (number | string)[]): OnnxValue {
    this.#take(name)
    this.#inputs.push({ name, type: { element, shape } })
    return name
  }

  /** Throws `onnx_graph_invalid` for a name that is taken, and what `onnxTensor` throws. */
  initializer(
    name: string,
    type: OnnxFloatType | OnnxIntegerType,
    shape: readonly number[],
    values: OnnxNumbers,
  ): OnnxValue {
    this.#take(name)
    this.#initializers.set(name, onnxTensor(name, type, shape, values))
    return name
  }

  /** Its first output. An input that is left out is ''. Throws `onnx_graph_invalid` for an input that is not there. */
  node(op: string, inputs: readonly OnnxValue[], { attributes = {}, name }: NodeOptions = {}): OnnxValue {
    const output = this.free(name ?? op.toLowerCase())
    for (const input of inputs)
      if (input !== '' && !this.#values.has(input))
        throw onnxGraphInvalid(`node ${op}`, `reads ${JSON.stringify(input)}, which is not there`)
    this.#take(output)
    this.#nodes.push({
      op,
      name: output,
      domain: '',
      inputs: [...inputs],
      outputs: [output],
      attributes: new Map(
        Object.entries(attributes).flatMap(([key, value]) =>
          value === undefined ? [] : [[key, attributeOf(value)] as const],
        ),
      ),
    })
    return output
  }

  /** Makes `value` an output of the graph. Throws `onnx_graph_invalid` if it does not exist. */
  output(value: OnnxValue, element: OnnxElementType, shape: readonly (number | string)[]): void {
    if (!this.#values.has(value))
      throw onnxGraphInvalid('the output', `${JSON.stringify(value)} is not there`)
    this.#outputs.push({ name: value, type: { element, shape } })
  }

  /** `name`, or with a number behind it where that is taken. */
  free(name: string): string {
    if (!this.#values.has(name)) return name
    let count = this.#counts.get(name) ?? 1
    while (this.#values.has(`${name}_${count}`)) count += 1
    this.#counts.set(name, count)
    return `${name}_${count}`
  }

  /** Throws `onnx_graph_invalid` without an output. */
  build(): OnnxGraph {
    if (this.#outputs.length === 0)
      throw onnxGraphInvalid(`graph ${JSON.stringify(this.#name)}`, 'has no output')
    return {
      name: this.#name,
      nodes: [...this.#nodes],
      initializers: [...this.#initializers.values()],
      inputs: [...this.#inputs],
      outputs: [...this.#outputs],
      valueInfo: [],
    }
  }

  #take(name: string): void {
    if (name === '' || this.#values.has(name))
      throw onnxGraphInvalid(`the name ${JSON.stringify(name)}`, name === '' ? 'is empty' : 'is taken')
    this.#values.add(name)
  }
}

function attributeOf(value: AttributeValue): OnnxAttribute {
  if (typeof value === 'number') return { type: 'int', value: BigInt(value) }
  if (typeof value === 'string') return { type: 'string', value }
  if ('float' in value) return { type: 'float', value: value.float }
  if ('floats' in value) return { type: 'floats', value: value.floats }
  if ('data' in value) return { type: 'tensor', value }
  return { type: 'ints', value: value.map((each) => BigInt(each)) }
}
