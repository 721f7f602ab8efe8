/** Errors of ONNX models that are named on command lines. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const onnxNotForImages: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'onnx_not_for_images',
  status: 400,
  when: '`hadal classify` was given an ONNX model that does not describe its image preprocessing, or has no class names.',
  message: (path, why) => `${path} cannot classify images: ${why}`,
  help: 'Export it with `hadal export --format onnx`, which writes hadal.input and hadal.classes, or add them to its metadata_props: docs/onnx-serving.md.',
})

export const onnxNotDownloaded: ErrorMaker<[url: string]> = defineError({
  code: 'onnx_not_downloaded',
  status: 400,
  when: 'An ONNX model was given as a URL. ONNX models are served from local files only.',
  message: (url) => `${url} is not downloaded: ONNX models are served from local files`,
  help: 'Download it, together with its external weight files if it has any, and pass the path.',
})
