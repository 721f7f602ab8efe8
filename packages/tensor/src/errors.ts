/** Errors a user of tensors can meet. `failure.ts` turns what the addon throws into these. */

import { defineError, type ErrorMaker } from '@hadal/base'

const threeWays = [
  'Any one of these gives it:',
  '  1. Debian or Ubuntu:  sudo apt-get install libtorch-dev libopenblas0-openmp g++',
  '  2. a downloaded one:  export LIBTORCH=/path/to/libtorch',
  '  3. a PyTorch wheel:   pip install torch   (found through python3)',
  'Then build the addon: node node_modules/@hadal/tensor/scripts/build-native.mjs',
].join('\n')

export const tensorLibtorchNotFound: ErrorMaker<[detail: string]> = defineError({
  code: 'tensor_libtorch_not_found',
  status: 500,
  when: 'The addon was built, but the libtorch it needs is not on this machine (or is a different one).',
  message: (detail: string) => `libtorch could not be loaded: ${detail}`,
  help: threeWays,
})

export const tensorAddonNotBuilt: ErrorMaker<[path: string]> = defineError({
  code: 'tensor_addon_not_built',
  status: 500,
  when: 'A tensor was used before the native addon was compiled.',
  message: (path: string) => `the tensor addon is not built (${path} does not exist)`,
  help: `It is compiled against libtorch on the machine that runs it. ${threeWays}`,
})

export const tensorOpMissing: ErrorMaker<[op: string, version: string]> = defineError({
  code: 'tensor_op_missing',
  status: 500,
  when: 'The loaded libtorch has no such operator, or none whose arguments JavaScript can give.',
  message: (op: string, version: string) => `libtorch ${version} has no operator ${op}`,
  help: 'Use another operator, or a libtorch that has it.',
})

export const tensorNoOverload: ErrorMaker<[op: string, given: string, schemas: readonly string[]]> =
  defineError({
    code: 'tensor_no_overload',
    status: 400,
    when: 'The kinds of the arguments fit no overload of the operator.',
    message: (op: string, given: string, _schemas: readonly string[]) =>
      `${op}(${given}): no overload takes these`,
    help: (_op: string, _given: string, schemas: readonly string[]) =>
      ['The overloads are:', ...schemas.map((schema) => `  ${schema}`)].join('\n'),
  })

export const tensorArgumentInvalid: ErrorMaker<[op: string, given: string, reason: string, schema: string]> =
  defineError({
    code: 'tensor_argument_invalid',
    status: 400,
    when: 'One argument of an operator has a value that its schema does not allow.',
    message: (op: string, given: string, reason: string, _schema: string) => `${op}(${given}): ${reason}`,
    help: (_op: string, _given: string, _reason: string, schema: string) => `The schema is: ${schema}`,
  })

export const tensorOpFailed: ErrorMaker<[op: string, given: string, reason: string, schema: string]> =
  defineError({
    code: 'tensor_op_failed',
    status: 400,
    when: 'libtorch refused a call: shapes, dtypes or devices that do not go together.',
    message: (op: string, given: string, reason: string, _schema: string) => `${op}(${given}): ${reason}`,
    help: (_op: string, _given: string, _reason: string, schema: string) => `The schema is: ${schema}`,
  })

export const tensorOutOfMemory: ErrorMaker<[op: string, given: string, reason: string]> = defineError({
  code: 'tensor_out_of_memory',
  status: 507,
  when: 'libtorch could not allocate memory for a tensor.',
  message: (op: string, given: string, reason: string) => `${op}(${given}): ${reason}`,
  help: 'Use smaller tensors, free some (`scope`, `leaks()`), or a machine with more memory.',
})

export const tensorDisposed: ErrorMaker<[op: string, given: string]> = defineError({
  code: 'tensor_disposed',
  status: 400,
  when: 'A tensor was used after it was freed, by hand or at the end of its scope.',
  message: (op: string, given: string) => `${op}(${given}): a tensor was used after it was freed`,
  help: 'Return it from the scope that made it, or call keep() on it before that scope ends.',
})

export const tensorDataInvalid: ErrorMaker<[reason: string]> = defineError({
  code: 'tensor_data_invalid',
  status: 400,
  when: 'Host data cannot become a tensor, or a tensor cannot become host data.',
  message: (reason: string) => reason,
  help: 'Give numbers, booleans or bigints in arrays of equal length, or a TypedArray with a matching shape.',
})

export const tensorIndexInvalid: ErrorMaker<[index: string]> = defineError({
  code: 'tensor_index_invalid',
  status: 400,
  when: 'An index given to get() or set_() is none of the accepted forms.',
  message: (index: string) => `${index} is not an index`,
  help: "Use a whole number, [start, end], [start, end, step], ':', '...', null (a new dimension) or a tensor.",
})
