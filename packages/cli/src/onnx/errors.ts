/** Errors of looking at pictures with an ONNX model. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const onnxNotForImages: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'onnx_not_for_images',
  status: 400,
  when: '`hadal classify` is given an ONNX model whose file does not say how pictures become its input, or that gives no classes.',
  message: (path, why) => `${path} cannot classify pictures: ${why}`,
  help: 'Export it with `hadal export --format onnx`, which writes hadal.input and hadal.classes, or add them to its metadata_props: docs/onnx-serving.md.',
})
