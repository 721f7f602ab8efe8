/** What the file of an ONNX model says of it beside what it computes. Whoever computes it has read it already: nothing is checked here. */

import { readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isHadalError } from '@hadal/base'
import { decodeOnnx, type OnnxModel } from '@hadal/formats'

export interface OnnxFileFacts {
  /** `metadata_props`. */
  readonly metadata: Readonly<Record<string, string>>
  readonly parameterCount: number
  /** Of the file, and of those that hold its weights. */
  readonly fileBytes: number
  /** Numbers of weights take so much. */
  readonly weightBytes: number
}

/** A part of the file that our reader does not know costs the facts, not the model. */
export function readFileFacts(model: string | Uint8Array): OnnxFileFacts {
  const bytes = typeof model === 'string' ? readFileSync(model) : model
  const folder = typeof model === 'string' ? dirname(model) : undefined
  try {
    return factsOf(decodeOnnx(bytes), bytes.byteLength, folder)
  } catch (thrown) {
    if (!isHadalError(thrown)) throw thrown
    const { byteLength } = bytes
    return { metadata: {}, parameterCount: byteLength / 4, fileBytes: byteLength, weightBytes: byteLength }
  }
}

function factsOf(
  { graph, metadata }: OnnxModel,
  fileBytes: number,
  folder: string | undefined,
): OnnxFileFacts {
  const beside = new Set<string>()
  let [parameterCount, weightBytes] = [0, 0]
  for (const { shape, data } of graph.initializers) {
    parameterCount += shape.reduce((count, dim) => count * dim, 1)
    if (data instanceof Uint8Array) weightBytes += data.byteLength
    else if (folder !== undefined && 'location' in data) beside.add(join(folder, data.location))
  }
  let besideBytes = 0
  for (const path of beside) besideBytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0
  return {
    metadata: Object.fromEntries(metadata),
    parameterCount,
    fileBytes: fileBytes + besideBytes,
    weightBytes: weightBytes + besideBytes,
  }
}
