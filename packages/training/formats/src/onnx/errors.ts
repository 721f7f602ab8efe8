/** Errors of ONNX models. Each error names the file or the part of the graph. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const onnxInvalid: ErrorMaker<[source: string, offset: number, reason: string]> = defineError({
  code: 'onnx_invalid',
  status: 400,
  when: 'An ONNX file is truncated, damaged or not an ONNX file.',
  message: (source, offset, reason) => `${source} is not a valid ONNX model: at byte ${offset}: ${reason}`,
  help: 'Copy or export the file again and compare its checksum with the source.',
})

export const onnxLimit: ErrorMaker<[source: string, what: string, found: number, most: number]> = defineError(
  {
    code: 'onnx_limit',
    status: 413,
    when: 'An ONNX file exceeds the size or nesting limits of the reader.',
    message: (source, what, found, most) => `${source} has ${found} ${what}; the limit is ${most}`,
    help: 'If you trust the file, raise the limit: decodeOnnx(bytes, { limits }).',
    facts: (_source, _what, found, most) => ({ found, most }),
  },
)

export const onnxExternalData: ErrorMaker<[tensor: string, location: string]> = defineError({
  code: 'onnx_external_data',
  status: 400,
  when: 'The values of a tensor are stored in a separate file, which was not read.',
  message: (tensor, location) =>
    `the values of ${JSON.stringify(tensor)} are not in the model but in ${JSON.stringify(location)}`,
  help: 'Save the model as a single file, in Python with onnx.save(onnx.load(path), other_path).',
})

export const onnxTensorInvalid: ErrorMaker<[name: string, reason: string]> = defineError({
  code: 'onnx_tensor_invalid',
  status: 400,
  when: 'A tensor of an ONNX model is inconsistent, or is read as a different type than it has.',
  message: (name, reason) => `tensor ${JSON.stringify(name)} ${reason}`,
  help: 'Make the shape, type and values of the tensor agree. Use onnxFloats for floats and onnxIntegers for integers.',
})

export const onnxGraphInvalid: ErrorMaker<[where: string, reason: string]> = defineError({
  code: 'onnx_graph_invalid',
  status: 400,
  when: 'An ONNX graph to be written is inconsistent.',
  message: (where, reason) => `${where} ${reason}`,
  help: 'Let each node read only graph inputs, initializers and outputs of earlier nodes, by their exact names.',
})
