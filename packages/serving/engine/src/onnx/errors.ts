/** Errors of ONNX models and of the runtime that computes them. */

import { defineError, type ErrorMaker, type HadalError, isHadalError } from '@hadal/base'

export const onnxRuntimeMissing: ErrorMaker<[]> = defineError({
  code: 'onnx_runtime_missing',
  status: 500,
  when: 'Serving an ONNX model needs the optional package onnxruntime-node, which is not installed.',
  message: () => 'onnxruntime-node is not installed',
  help: 'Run npm install onnxruntime-node next to hadal (with -g if hadal was installed globally).',
})

export const onnxRuntimeUnusable: ErrorMaker<[why: string]> = defineError({
  code: 'onnx_runtime_unusable',
  status: 500,
  when: 'The installed onnxruntime-node cannot be loaded on this machine, or is too old for this release.',
  message: (why) => `cannot use onnxruntime-node: ${why}`,
  help: 'Run npm install onnxruntime-node@^1.30.0. It has binaries for Linux (glibc), macOS and Windows.',
})

export const onnxModelUnusable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'onnx_model_unusable',
  status: 500,
  when: 'The file is not an ONNX model, is damaged, or uses an operator or type that the runtime does not support.',
  message: (path, why) => `cannot serve ${path}: ${why}`,
  help: 'Export the model again with an opset that onnxruntime supports (such as 17 to 22), or update onnxruntime-node.',
})

export const tensorInvalid: ErrorMaker<[name: string, why: string]> = defineError({
  code: 'tensor_invalid',
  status: 400,
  when: 'A tensor of the request does not match the model: its name, type, shape or data size.',
  message: (name, why) => `tensor ${JSON.stringify(name)} ${why}`,
  help: 'Compare it with the inputs of the model: GET /v2/models/NAME.',
})

export const inferenceFailed: ErrorMaker<[why: string]> = defineError({
  code: 'inference_failed',
  status: 400,
  when: 'The runtime failed on the tensors of the request although their types and shapes match the declaration: inner sizes conflict, or an index is out of range.',
  message: (why) => `the model failed on these tensors: ${why}`,
  help: 'Compare the tensors with those that the model was exported for.',
})

export const inferenceOff: ErrorMaker<[model: string]> = defineError({
  code: 'inference_off',
  status: 501,
  when: 'Tensors were sent to a model that accepts none, such as a language model.',
  message: (model) => `${model} does not accept tensors`,
  help: 'Use the chat and embeddings routes for language models, or serve an ONNX model.',
})

/** Has the index of the tensor among the inputs as its `param`. */
export const isTensorInvalid = (thrown: unknown): thrown is HadalError =>
  isHadalError(thrown) && thrown.code === tensorInvalid.spec.code
