/** What can go wrong when an image model becomes ONNX. */

import { defineError, type ErrorMaker } from '@hadal/base'

/** @internal */
export const onnxUnsupported: ErrorMaker<[what: string, why: string, help: string]> = defineError({
  code: 'train_onnx_unsupported',
  status: 400,
  when: 'A model, or a layer of it, cannot be written as ONNX.',
  message: (what, why, _help) => `${what} cannot be written as ONNX: ${why}`,
  help: (_what, _why, help) => help,
})

export const calibrationEmpty: ErrorMaker<[what: string]> = defineError({
  code: 'train_calibration_empty',
  status: 400,
  when: 'A model is to be quantised, and there are no samples to observe its activations on.',
  message: (what) => `no samples to calibrate with: ${what}`,
  help: 'Leave samples with the model: saveImageRun(run, { calibrationRows: 512 }) in the recipe, when its run is done.',
})

export const imageModelInvalid: ErrorMaker<[path: string, reason: string]> = defineError({
  code: 'train_image_model_invalid',
  status: 400,
  when: 'A folder with a model that tells images apart is incomplete or contradicts itself.',
  message: (path, reason) => `${path}: ${reason}`,
  help: 'Write the folder again: saveImageRun(run) in the recipe, when its run is done.',
})
