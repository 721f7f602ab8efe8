/** Reads an ONNX model from bytes. Fields that `model.ts` does not represent are skipped. */

import { attributeTypes } from './encode-onnx.ts'
import type {
  OnnxAttribute,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxOpset,
  OnnxTensor,
  OnnxText,
} from './model.ts'
import { readTensor, textOf } from './read-tensor.ts'
import { readValueInfo } from './read-value-info.ts'
import { type WireLimits, WireReader, wireLimits } from './wire-reader.ts'

export interface DecodeOnnxOptions {
  /** What errors call it. Default: 'the model'. */
  readonly source?: string
  readonly limits?: Partial<WireLimits>
}

/**
 * Its tensors share the memory of `bytes` where they can. Throws `onnx_invalid` with the place, and `onnx_limit`.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs'
 * import { decodeOnnx } from '@hadal/formats'
 *
 * const { graph, opsets } = decodeOnnx(readFileSync('model.onnx'))
 * console.log(graph.inputs.map(({ name }) => name), opsets)
 * ```
 */
export function decodeOnnx(
  bytes: Uint8Array,
  { source = 'the model', limits }: DecodeOnnxOptions = {},
): OnnxModel {
  const reader = WireReader.over(bytes, source, { ...wireLimits, ...limits })
  const texts: Record<number, string> = {}
  const opsets: OnnxOpset[] = []
  const metadata = new Map<string, string>()
  let irVersion: number | undefined
  let modelVersion: bigint | undefined
  let graph: OnnxGraph | undefined
  while (reader.next()) {
    if (reader.field === 1) irVersion = reader.count('ir_version')
    else if ([2, 3, 4, 6].includes(reader.field)) texts[reader.field] = reader.text()
    else if (reader.field === 5) modelVersion = reader.int64()
    else if (reader.field === 7) {
      if (graph) throw reader.invalid('the graph stands there twice')
      graph = readGraph(reader.message())
    } else if (reader.field === 8) opsets.push(readOpset(reader.message()))
    else if (reader.field === 14) readEntry(reader.message(), metadata)
    else reader.skip()
  }
  if (irVersion === undefined) throw reader.invalid('ir_version is missing', 0)
  if (!graph) throw reader.invalid('it has no graph', 0)
  const { 2: producerName, 3: producerVersion, 4: domain, 6: docString } = texts
  return {
    irVersion,
    opsets,
    ...(producerName !== undefined && { producerName }),
    ...(producerVersion !== undefined && { producerVersion }),
    ...(domain !== undefined && { domain }),
    ...(modelVersion !== undefined && { modelVersion }),
    ...(docString !== undefined && { docString }),
    graph,
    metadata,
  }
}

function readOpset(reader: WireReader): OnnxOpset {
  let [domain, version] = ['', 0]
  while (reader.next()) {
    if (reader.field === 1) domain = reader.text()
    else if (reader.field === 2) version = reader.count('the version of an opset')
    else reader.skip()
  }
  return { domain, version }
}

function readEntry(reader: WireReader, into: Map<string, string>): void {
  let [key, value] = ['', '']
  while (reader.next()) {
    if (reader.field === 1) key = reader.text()
    else if (reader.field === 2) value = reader.text()
    else reader.skip()
  }
  into.set(key, value)
}

function readGraph(reader: WireReader): OnnxGraph {
  const nodes: OnnxNode[] = []
  const initializers: OnnxTensor[] = []
  const values = { 11: [], 12: [], 13: [] } as Record<number, ReturnType<typeof readValueInfo>[]>
  let name = ''
  let docString: string | undefined
  while (reader.next()) {
    if (reader.field === 1) nodes.push(readNode(reader.message()))
    else if (reader.field === 2) name = reader.text()
    else if (reader.field === 5) initializers.push(readTensor(reader.message()))
    else if (reader.field === 10) docString = reader.text()
    else if (reader.field in values) values[reader.field]!.push(readValueInfo(reader.message()))
    else reader.skip()
  }
  return {
    name,
    nodes,
    initializers,
    ...(docString !== undefined && { docString }),
    inputs: values[11]!,
    outputs: values[12]!,
    valueInfo: values[13]!,
  }
}

function readNode(reader: WireReader): OnnxNode {
  const lists = { 1: [], 2: [] } as Record<number, string[]>
  const texts: Record<number, string> = { 3: '', 4: '', 7: '' }
  const attributes = new Map<string, OnnxAttribute>()
  while (reader.next()) {
    const { field } = reader
    if (field in lists) {
      reader.countItems(1)
      lists[field]!.push(reader.text())
    } else if (field === 5) {
      const [name, attribute] = readAttribute(reader.message())
      if (attributes.has(name))
        throw reader.invalid(`the attribute ${JSON.stringify(name)} stands there twice`)
      attributes.set(name, attribute)
    } else if (field === 6 || field in texts) texts[field] = reader.text()
    else reader.skip()
  }
  const { 3: name, 4: op, 6: docString, 7: domain } = texts
  if (op === '') throw reader.invalid(`the node ${JSON.stringify(name)} has no operator`)
  return {
    op: op!,
    name: name!,
    domain: domain!,
    inputs: lists[1]!,
    outputs: lists[2]!,
    attributes,
    ...(docString !== undefined && { docString }),
  }
}

function readAttribute(reader: WireReader): readonly [string, OnnxAttribute] {
  let [name, type] = ['', 0]
  let [f, i, s] = [0, 0n, '' as OnnxText]
  let t: OnnxTensor | undefined
  let g: OnnxGraph | undefined
  const lists = { floats: [] as number[], ints: [] as bigint[], strings: [] as OnnxText[] }
  const parts = { tensors: [] as OnnxTensor[], graphs: [] as OnnxGraph[] }
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        name = reader.text()
        break
      case 2:
        f = reader.float()
        break
      case 3:
        i = reader.int64()
        break
      case 4:
        s = textOf(reader.bytes())
        break
      case 5:
        if (t) throw reader.invalid('the tensor of an attribute stands there twice')
        t = readTensor(reader.message())
        break
      case 6:
        if (g) throw reader.invalid('the graph of an attribute stands there twice')
        g = readGraph(reader.message())
        break
      case 7: {
        const bytes = reader.fixed(4)
        reader.countItems(bytes.length / 4)
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        for (let at = 0; at < bytes.length; at += 4) lists.floats.push(view.getFloat32(at, true))
        break
      }
      case 8:
        reader.varints((value) => {
          reader.countItems(1)
          lists.ints.push(BigInt.asIntN(64, value))
        })
        break
      case 9:
        reader.countItems(1)
        lists.strings.push(textOf(reader.bytes()))
        break
      case 10:
        parts.tensors.push(readTensor(reader.message()))
        break
      case 11:
        parts.graphs.push(readGraph(reader.message()))
        break
      case 20:
        type = reader.int32()
        break
      default:
        reader.skip()
    }
  }
  const missing = (what: string): Error =>
    reader.invalid(`the attribute ${JSON.stringify(name)} has no ${what}`)
  const read = (): OnnxAttribute => {
    switch (type) {
      case attributeTypes.float:
        return { type: 'float', value: f }
      case attributeTypes.int:
        return { type: 'int', value: i }
      case attributeTypes.string:
        return { type: 'string', value: s }
      case attributeTypes.tensor:
        if (!t) throw missing('tensor')
        return { type: 'tensor', value: t }
      case attributeTypes.graph:
        if (!g) throw missing('graph')
        return { type: 'graph', value: g }
      case attributeTypes.floats:
        return { type: 'floats', value: lists.floats }
      case attributeTypes.ints:
        return { type: 'ints', value: lists.ints }
      case attributeTypes.strings:
        return { type: 'strings', value: lists.strings }
      case attributeTypes.tensors:
        return { type: 'tensors', value: parts.tensors }
      case attributeTypes.graphs:
        return { type: 'graphs', value: parts.graphs }
      default:
        return { type: 'unknown', id: type }
    }
  }
  return [name, read()]
}
