/** Tells an ONNX model by its name. It is served from where it lies: none is downloaded. */

import { statSync } from 'node:fs'
import { modelFileNotFound } from '@hadal/engine'

/** The path, undefined where something else is named. Throws `model_file_not_found`. */
export function findOnnx(ref: string): string | undefined {
  if (!/\.onnx$/i.test(ref) || /^(?:hf:|https?:)/i.test(ref)) return undefined
  if (statSync(ref, { throwIfNoEntry: false })?.isFile() !== true) throw modelFileNotFound(ref, undefined)
  return ref
}
