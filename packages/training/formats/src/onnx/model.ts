/**
 * An ONNX model in memory, as far as supported: graph, weights and metadata. Functions, sparse tensors, training and annotations
 * are omitted. Names are those of the schema (onnx.proto), shortened.
 */

import type { OnnxElementType } from './element-types.ts'

export interface OnnxModel {
  readonly irVersion: number
  /** Which version of which operators; the domain of ONNX's own is ''. */
  readonly opsets: readonly OnnxOpset[]
  readonly producerName?: string
  readonly producerVersion?: string
  readonly domain?: string
  readonly modelVersion?: bigint
  readonly docString?: string
  readonly graph: OnnxGraph
  /** `metadata_props`. */
  readonly metadata: ReadonlyMap<string, string>
}

export interface OnnxOpset {
  readonly domain: string
  readonly version: number
}

export interface OnnxGraph {
  readonly name: string
  /** In topological order. */
  readonly nodes: readonly OnnxNode[]
  readonly initializers: readonly OnnxTensor[]
  readonly docString?: string
  readonly inputs: readonly OnnxValueInfo[]
  readonly outputs: readonly OnnxValueInfo[]
  /** Shapes and types of intermediate values. */
  readonly valueInfo: readonly OnnxValueInfo[]
}

export interface OnnxNode {
  readonly op: string
  readonly name: string
  /** '' is ONNX's own. */
  readonly domain: string
  /** An input that is left out is ''. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: ReadonlyMap<string, OnnxAttribute>
  readonly docString?: string
}

/** Bytes if not valid UTF-8. */
export type OnnxText = string | Uint8Array

export type OnnxAttribute =
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'int'; readonly value: bigint }
  | { readonly type: 'string'; readonly value: OnnxText }
  | { readonly type: 'tensor'; readonly value: OnnxTensor }
  | { readonly type: 'graph'; readonly value: OnnxGraph }
  | { readonly type: 'floats'; readonly value: readonly number[] }
  | { readonly type: 'ints'; readonly value: readonly bigint[] }
  | { readonly type: 'strings'; readonly value: readonly OnnxText[] }
  | { readonly type: 'tensors'; readonly value: readonly OnnxTensor[] }
  | { readonly type: 'graphs'; readonly value: readonly OnnxGraph[] }
  /** Sparse tensors, types and references of functions: not read, and not written again. */
  | { readonly type: 'unknown'; readonly id: number }

export interface OnnxTensor {
  readonly name: string
  readonly type: OnnxElementType
  readonly shape: readonly number[]
  /** Little-endian and row-major; texts of type `string`; or where else the values are. */
  readonly data: Uint8Array | readonly OnnxText[] | OnnxExternalData
}

export interface OnnxExternalData {
  /** A file, from the folder of the model. */
  readonly location: string
  readonly offset: number
  /** Undefined: to the end of the file. */
  readonly length?: number
}

export interface OnnxValueInfo {
  readonly name: string
  /** Undefined if absent or not a tensor (a sequence, a map). */
  readonly type?: OnnxTensorType
  readonly docString?: string
}

export interface OnnxTensorType {
  readonly element: OnnxElementType
  /** A number, a name for one that differs from call to call, or undefined where nothing is known. Undefined as a whole: any rank. */
  readonly shape?: readonly (number | string | undefined)[]
}
