/** Reads the name and tensor type of an ONNX value. */

import { type OnnxElementType, onnxTypeOf } from './element-types.ts'
import type { OnnxTensorType, OnnxValueInfo } from './model.ts'
import type { WireReader } from './wire-reader.ts'

export function readValueInfo(reader: WireReader): OnnxValueInfo {
  let name = ''
  let docString: string | undefined
  let type: OnnxTensorType | undefined
  while (reader.next()) {
    if (reader.field === 1) name = reader.text()
    else if (reader.field === 2) type = readType(reader.message())
    else if (reader.field === 3) docString = reader.text()
    else reader.skip()
  }
  return { name, ...(type && { type }), ...(docString !== undefined && { docString }) }
}

/** Undefined for non-tensors. */
function readType(reader: WireReader): OnnxTensorType | undefined {
  let type: OnnxTensorType | undefined
  while (reader.next()) {
    if (reader.field === 1) type = readTensorType(reader.message())
    else reader.skip()
  }
  return type
}

function readTensorType(reader: WireReader): OnnxTensorType {
  let element: OnnxElementType | undefined
  let shape: (number | string | undefined)[] | undefined
  while (reader.next()) {
    if (reader.field === 1) {
      const id = reader.int32()
      element = onnxTypeOf(id)
      if (element === undefined) throw reader.invalid(`${id} is no element type`)
    } else if (reader.field === 2) shape = readShape(reader.message())
    else reader.skip()
  }
  if (element === undefined) throw reader.invalid('a tensor type has no element type')
  return { element, ...(shape && { shape }) }
}

function readShape(reader: WireReader): (number | string | undefined)[] {
  const shape: (number | string | undefined)[] = []
  while (reader.next()) {
    if (reader.field === 1) shape.push(readSize(reader.message()))
    else reader.skip()
  }
  return shape
}

function readSize(reader: WireReader): number | string | undefined {
  let size: number | string | undefined
  while (reader.next()) {
    if (reader.field === 1) size = Number(reader.int64())
    else if (reader.field === 2) size = reader.text()
    else reader.skip()
  }
  // Negative or unnamed sizes are unknown.
  return typeof size === 'number' && !(size >= 0 && Number.isSafeInteger(size))
    ? undefined
    : size || (size === 0 ? 0 : undefined)
}
