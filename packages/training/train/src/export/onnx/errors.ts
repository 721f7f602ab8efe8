/** Errors of exporting image models to ONNX. */

import { defineError, type ErrorMaker } from '@hadal/base'

/** @internal */
export const onnxUnsupported: ErrorMaker<[what: string, why: string, help: string]> = defineError({
  code: 'train_onnx_unsupported',
  status: 400,
  when: 'A model or one of its layers cannot be exported to ONNX.',
  message: (what, why, _help) => `cannot export ${what} to ONNX: ${why}`,
  help: (_what, _why, help) => help,
  docsHelp: 'Replace the layer, or change the export option, as the error says.',
})

export const calibrationEmpty: ErrorMaker<[what: string]> = defineError({
  code: 'train_calibration_empty',
  status: 400,
  when: 'Quantizing the model needs samples to calibrate its activations, and there are none.',
  message: (what) => `no samples to calibrate with: ${what}`,
  help: 'Save samples with the model: saveImageRun(run, { calibrationRows: 512 }) at the end of the recipe.',
})

export const imageModelInvalid: ErrorMaker<[path: string, reason: string]> = defineError({
  code: 'train_image_model_invalid',
  status: 400,
  when: 'The folder of an image classifier is incomplete or contradictory.',
  message: (path, reason) => `${path}: ${reason}`,
  help: 'Write the folder again: saveImageRun(run) at the end of the recipe.',
})
