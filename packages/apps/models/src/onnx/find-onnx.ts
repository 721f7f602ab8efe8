/** Recognizes an ONNX model by its name. It is served in place and never downloaded. */

import { statSync } from 'node:fs'
import { modelFileNotFound } from '@hadal/engine'
import { onnxNotDownloaded } from './errors.ts'

/** The path, undefined where something else is named. Throws `model_file_not_found` and `onnx_not_downloaded`. */
export function findOnnx(ref: string): string | undefined {
  if (!/\.onnx$/i.test(ref)) return undefined
  if (/^(?:hf:|https?:)/i.test(ref)) throw onnxNotDownloaded(ref)
  if (statSync(ref, { throwIfNoEntry: false })?.isFile() !== true) throw modelFileNotFound(ref, undefined)
  return ref
}
