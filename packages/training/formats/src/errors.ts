/** Errors of tensor files. Each error names the file or tensor, and the place in it. */

import { defineError, type ErrorMaker } from '@hadal/base'

/** @internal */
export const tensorFileUnreadable: ErrorMaker<[path: string, reason: string]> = defineError({
  code: 'tensor_file_unreadable',
  status: 400,
  when: 'A model or checkpoint file cannot be opened or read.',
  message: (path, reason) => `cannot read ${path}: ${reason}`,
  help: 'Check the path and its permissions. If the file is still being written, wait until it is complete.',
})

export const tensorFileUnwritable: ErrorMaker<[path: string, reason: string]> = defineError({
  code: 'tensor_file_unwritable',
  status: 500,
  when: 'A model or checkpoint file cannot be written. The previous file at this path is unchanged.',
  message: (path, reason) => `cannot write ${path}: ${reason}`,
  help: 'Check that the folder exists and is writable, and that the disk has free space.',
})

export const safetensorsInvalid: ErrorMaker<[path: string, where: string, reason: string]> = defineError({
  code: 'safetensors_invalid',
  status: 400,
  when: 'A safetensors file or index is truncated, damaged or not in the safetensors format.',
  message: (path, where, reason) => `${path} is not a valid safetensors file: ${where}: ${reason}`,
  help: 'Copy or download the file again and compare its checksum with the source.',
})

export const ggufInvalid: ErrorMaker<[path: string, offset: number, reason: string]> = defineError({
  code: 'gguf_invalid',
  status: 400,
  when: 'A GGUF file is truncated, damaged or not in the GGUF format.',
  message: (path, offset, reason) => `${path} is not a valid GGUF file: at byte ${offset}: ${reason}`,
  help: 'Copy or download the file again and compare its checksum with the source.',
})

export const tensorNotFound: ErrorMaker<[path: string, name: string, names: readonly string[]]> = defineError(
  {
    code: 'tensor_not_found',
    status: 400,
    when: 'The file does not contain the requested tensor.',
    message: (path, name, _names) => `${path} contains no tensor ${JSON.stringify(name)}`,
    help: (_path, _name, names) =>
      names.length === 0
        ? 'Use another file: this one contains no tensors.'
        : `Use one of the available tensors (${names.length}): ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', ...' : ''}.`,
    docsHelp: 'Use one of the tensors that the error lists, or another file.',
  },
)

export const tensorTypeUnsupported: ErrorMaker<[name: string, type: string, task: string]> = defineError({
  code: 'tensor_type_unsupported',
  status: 400,
  when: 'A tensor has an element type that cannot be converted or stored as requested.',
  message: (name, type, task) => `tensor ${JSON.stringify(name)} of type ${type} cannot be ${task}`,
  help: 'Convert only F32, F16, BF16, Q8_0, Q6_K, Q4_K and Q4_0 to floats; read and write other known types as raw bytes.',
})

export const tensorSourceInvalid: ErrorMaker<[name: string, reason: string]> = defineError({
  code: 'tensor_source_invalid',
  status: 400,
  when: 'A tensor to be written has an inconsistent name, shape or data.',
  message: (name, reason) => `tensor ${JSON.stringify(name)} ${reason}`,
  help: 'Give each tensor a unique name and as many values as its shape requires.',
})

export const ggufValueInvalid: ErrorMaker<[key: string, reason: string]> = defineError({
  code: 'gguf_value_invalid',
  status: 400,
  when: 'A metadata value to be written does not match its declared type.',
  message: (key, reason) => `GGUF metadata ${JSON.stringify(key)} ${reason}`,
  help: 'Build values with `gguf`, such as gguf.uint32(32) or gguf.float32(1e-5); GGUF types are strict.',
})
