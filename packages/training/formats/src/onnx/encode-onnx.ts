/** Writes an ONNX model as bytes: every message with its fields in the order of their numbers, as protobuf itself writes them. */

import { onnxTypeId } from './element-types.ts'
import { onnxGraphInvalid } from './errors.ts'
import type {
  OnnxAttribute,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxText,
  OnnxValueInfo,
} from './model.ts'
import { checkOnnxTensor } from './tensor-values.ts'
import { WireWriter } from './wire-writer.ts'

/**
 * Throws `onnx_tensor_invalid`, and `onnx_graph_invalid` for an attribute that was not read.
 *
 * @example
 * ```ts
 * import { encodeOnnx, readOnnx } from '@hadal/formats'
 *
 * const bytes = encodeOnnx(readOnnx('model.onnx')) // as writeOnnx writes them
 * ```
 */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  const w = new WireWriter().int(1, model.irVersion)
  w.optional(2, model.producerName).optional(3, model.producerVersion).optional(4, model.domain)
  if (model.modelVersion !== undefined) w.int(5, model.modelVersion)
  w.optional(6, model.docString).message(7, (inner) => writeGraph(inner, model.graph))
  for (const { domain, version } of model.opsets)
    w.message(8, (inner) => inner.text(1, domain).int(2, version))
  writeEntries(w, 14, model.metadata)
  return w.finish()
}

function writeEntries(w: WireWriter, field: number, entries: ReadonlyMap<string, string>): void {
  for (const [key, value] of entries) w.message(field, (inner) => inner.text(1, key).text(2, value))
}

function writeGraph(w: WireWriter, graph: OnnxGraph): void {
  for (const node of graph.nodes) w.message(1, (inner) => writeNode(inner, node))
  w.text(2, graph.name)
  for (const tensor of graph.initializers) w.message(5, (inner) => writeTensor(inner, tensor))
  w.optional(10, graph.docString)
  for (const [field, values] of [
    [11, graph.inputs],
    [12, graph.outputs],
    [13, graph.valueInfo],
  ] as const)
    for (const value of values) w.message(field, (inner) => writeValueInfo(inner, value))
}

function writeNode(
  w: WireWriter,
  { inputs, outputs, name, op, attributes, docString, domain }: OnnxNode,
): void {
  for (const input of inputs) w.text(1, input)
  for (const output of outputs) w.text(2, output)
  if (name !== '') w.text(3, name)
  w.text(4, op)
  for (const [key, value] of attributes)
    w.message(5, (inner) => writeAttribute(inner, key, value, `node ${JSON.stringify(name || op)}`))
  w.optional(6, docString)
  if (domain !== '') w.text(7, domain)
}

/** `AttributeProto.AttributeType`. */
export const attributeTypes = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  tensors: 9,
  graphs: 10,
} as const

function writeAttribute(w: WireWriter, name: string, attribute: OnnxAttribute, node: string): void {
  w.text(1, name)
  const { type, ...rest } = attribute
  switch (attribute.type) {
    case 'float':
      w.float(2, attribute.value)
      break
    case 'int':
      w.int(3, attribute.value)
      break
    case 'string':
      writeText(w, 4, attribute.value)
      break
    case 'tensor':
      w.message(5, (inner) => writeTensor(inner, attribute.value))
      break
    case 'graph':
      w.message(6, (inner) => writeGraph(inner, attribute.value))
      break
    case 'floats':
      for (const value of attribute.value) w.float(7, value)
      break
    case 'ints':
      for (const value of attribute.value) w.int(8, value)
      break
    case 'strings':
      for (const value of attribute.value) writeText(w, 9, value)
      break
    case 'tensors':
      for (const value of attribute.value) w.message(10, (inner) => writeTensor(inner, value))
      break
    case 'graphs':
      for (const value of attribute.value) w.message(11, (inner) => writeGraph(inner, value))
      break
    case 'unknown':
      throw onnxGraphInvalid(
        node,
        `has the attribute ${JSON.stringify(name)} of type ${JSON.stringify(rest)}, which is not read`,
      )
  }
  w.int(20, attributeTypes[type as keyof typeof attributeTypes])
}

function writeText(w: WireWriter, field: number, value: OnnxText): void {
  if (typeof value === 'string') w.text(field, value)
  else w.bytes(field, value)
}

function writeTensor(w: WireWriter, tensor: OnnxTensor): void {
  checkOnnxTensor(tensor)
  const { name, type, shape, data } = tensor
  for (const size of shape) w.int(1, size)
  w.int(2, onnxTypeId(type))
  const isExternal = 'location' in data
  if (Array.isArray(data)) for (const value of data) writeText(w, 6, value as OnnxText)
  w.text(8, name)
  if (data instanceof Uint8Array) w.bytes(9, data)
  if (!isExternal) return
  const { location, offset, length } = data
  writeEntries(
    w,
    13,
    new Map([
      ['location', location],
      ['offset', String(offset)],
      ...(length === undefined ? [] : [['length', String(length)] as const]),
    ]),
  )
  w.int(14, 1)
}

function writeValueInfo(w: WireWriter, { name, type, docString }: OnnxValueInfo): void {
  w.text(1, name)
  if (type)
    w.message(2, (outer) =>
      outer.message(1, (tensor) => {
        tensor.int(1, onnxTypeId(type.element))
        const { shape } = type
        if (shape)
          tensor.message(2, (inner) => {
            for (const size of shape)
              inner.message(1, (dim) => {
                if (typeof size === 'number') dim.int(1, size)
                else if (size !== undefined) dim.text(2, size)
              })
          })
      }),
    )
  w.optional(3, docString)
}
