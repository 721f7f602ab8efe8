/** Metadata of an ONNX file. The runtime has already loaded it: nothing is validated here. */

import { readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isHadalError } from '@hadal/base'
import { decodeOnnx, type OnnxModel } from '@hadal/formats'

export interface OnnxFileFacts {
  /** `metadata_props`. */
  readonly metadata: Readonly<Record<string, string>>
  readonly parameterCount: number
  /** Total size of the file and its external weight files. */
  readonly fileBytes: number
  /** Size of the weights. */
  readonly weightBytes: number
}

/** If our reader does not understand the file, only the metadata is lost, not the model. */
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
  let externalDataBytes = 0
  for (const path of beside) externalDataBytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0
  return {
    metadata: Object.fromEntries(metadata),
    parameterCount,
    fileBytes: fileBytes + externalDataBytes,
    weightBytes: weightBytes + externalDataBytes,
  }
}
