/** Errors of the tensor library. `failure.ts` converts addon errors to these. */

import { defineError, type ErrorMaker, formatBytes } from '@hadal/base'

const threeWays = [
  'Install libtorch in one of these ways:',
  '  1. Debian or Ubuntu:  sudo apt-get install libtorch-dev libopenblas0-openmp libgloo-dev g++',
  '  2. a download:        export LIBTORCH=/path/to/libtorch',
  '  3. a PyTorch wheel:   pip install torch   (found through python3)',
  'Then build the addon: node node_modules/@hadal/tensor/scripts/build-native.mjs',
].join('\n')

export const tensorLibtorchNotFound: ErrorMaker<[detail: string]> = defineError({
  code: 'tensor_libtorch_not_found',
  status: 500,
  when: 'The native addon needs libtorch, which is not on this machine or is a different version.',
  message: (detail: string) => `cannot load libtorch: ${detail}`,
  help: threeWays,
})

export const tensorAddonNotBuilt: ErrorMaker<[path: string]> = defineError({
  code: 'tensor_addon_not_built',
  status: 500,
  when: 'A tensor was used before the native addon was built.',
  message: (path: string) => `the tensor addon is not built (${path} does not exist)`,
  help: `The addon is compiled against libtorch on the machine that runs it. ${threeWays}`,
})

export const tensorOpMissing: ErrorMaker<[op: string, version: string]> = defineError({
  code: 'tensor_op_missing',
  status: 500,
  when: 'The loaded libtorch has no such operator, or none that can be called from JavaScript.',
  message: (op: string, version: string) => `libtorch ${version} has no operator ${op}`,
  help: 'Use another operator, or a libtorch version that has it.',
})

export const tensorNoOverload: ErrorMaker<[op: string, given: string, schemas: readonly string[]]> =
  defineError({
    code: 'tensor_no_overload',
    status: 400,
    when: 'The argument types match no overload of the operator.',
    message: (op: string, given: string, _schemas: readonly string[]) =>
      `${op}(${given}): no matching overload`,
    help: (_op: string, _given: string, schemas: readonly string[]) =>
      ['Use one of these overloads:', ...schemas.map((schema) => `  ${schema}`)].join('\n'),
    docsHelp: 'Use one of the overloads that the error lists.',
  })

export const tensorArgumentInvalid: ErrorMaker<[op: string, given: string, reason: string, schema: string]> =
  defineError({
    code: 'tensor_argument_invalid',
    status: 400,
    when: 'An argument of an operator has a value that its schema does not allow.',
    message: (op: string, given: string, reason: string, _schema: string) => `${op}(${given}): ${reason}`,
    help: (_op: string, _given: string, _reason: string, schema: string) => `Match the schema: ${schema}`,
  })

export const tensorOpFailed: ErrorMaker<[op: string, given: string, reason: string, schema: string]> =
  defineError({
    code: 'tensor_op_failed',
    status: 400,
    when: 'A call was rejected by libtorch because of incompatible shapes, dtypes or devices.',
    message: (op: string, given: string, reason: string, _schema: string) => `${op}(${given}): ${reason}`,
    help: (_op: string, _given: string, _reason: string, schema: string) =>
      `Check the shapes, dtypes and devices against the schema: ${schema}`,
  })

export const tensorOutOfMemory: ErrorMaker<
  [op: string, given: string, requestedBytes: number | undefined, reason: string]
> = defineError({
  code: 'tensor_out_of_memory',
  status: 507,
  when: 'A tensor could not be allocated: the memory is exhausted, or the configured limit would be exceeded.',
  message: (op: string, given: string, requestedBytes: number | undefined, reason: string) =>
    `${op}(${given}): out of memory${requestedBytes === undefined ? '' : ` allocating ${formatBytes(requestedBytes)}`} (${reason})`,
  help: 'Use smaller tensors, free unused ones (`scope`, `leaks()`), raise the configured limit, or use a machine with more memory.',
})

export const tensorProfilerRefused: ErrorMaker<[what: string, reason: string]> = defineError({
  code: 'tensor_profiler_refused',
  status: 400,
  when: 'The profiler cannot be started or stopped now, or its trace cannot be written.',
  message: (what: string, reason: string) => `${what}: ${reason}`,
  help: 'Record one profile at a time, on one thread: call startProfiler(), run the code, then call stopProfiler(path).',
})

export const tensorDisposed: ErrorMaker<[op: string, given: string]> = defineError({
  code: 'tensor_disposed',
  status: 400,
  when: 'A tensor was used after it was freed, explicitly or at the end of its scope.',
  message: (op: string, given: string) => `${op}(${given}): a tensor was used after it was freed`,
  help: 'Return it from the scope that created it, or call keep() on it before that scope ends.',
})

export const tensorDataInvalid: ErrorMaker<[reason: string]> = defineError({
  code: 'tensor_data_invalid',
  status: 400,
  when: 'Host data cannot be converted to a tensor, or a tensor cannot be converted to host data.',
  message: (reason: string) => reason,
  help: 'Use numbers, booleans or bigints in arrays of equal length, or a TypedArray with a matching shape.',
})

export const tensorIndexInvalid: ErrorMaker<[index: string]> = defineError({
  code: 'tensor_index_invalid',
  status: 400,
  when: 'An index given to get() or set_() has none of the accepted forms.',
  message: (index: string) => `${index} is not a valid index`,
  help: "Use an integer, [start, end], [start, end, step], ':', '...', null (a new dimension) or a tensor.",
})

export const tensorDistributedUnavailable: ErrorMaker<[backend: string, has: readonly string[]]> =
  defineError({
    code: 'tensor_distributed_unavailable',
    status: 500,
    when: 'The tensor addon was built without the requested distributed backend.',
    message: (backend: string, has: readonly string[]) =>
      `the tensor addon has no ${backend}${has.length > 0 ? `, only ${has.join(', ')}` : ''}`,
    help: (backend: string) =>
      backend === 'nccl'
        ? 'Install a libtorch with CUDA and the CUDA and NCCL headers, and rebuild the addon. Or use gloo, which works on every CPU.'
        : [
            'Install the gloo headers next to those of libtorch. On Debian or Ubuntu: sudo apt-get install libgloo-dev',
            'Then build the addon: node node_modules/@hadal/tensor/scripts/build-native.mjs',
          ].join('\n'),
    docsHelp:
      'Install the headers of the backend (Debian and Ubuntu: sudo apt-get install libgloo-dev; nccl needs a libtorch with CUDA and the CUDA and NCCL headers). Then build the addon: node node_modules/@hadal/tensor/scripts/build-native.mjs',
  })

export const tensorDistributedInvalid: ErrorMaker<[reason: string]> = defineError({
  code: 'tensor_distributed_invalid',
  status: 400,
  when: 'A process group was requested with an invalid rank, size, port or member list.',
  message: (reason: string) => reason,
  help: 'Use ranks from 0 to one below the number of processes, each exactly once.',
})

export const tensorDistributedJoinFailed: ErrorMaker<[place: string, rank: number, reason: string]> =
  defineError({
    code: 'tensor_distributed_join_failed',
    status: 504,
    when: 'Not all processes of a job joined at the master address in time.',
    message: (place: string, rank: number, reason: string) =>
      `rank ${rank} could not join the process group at ${place}: ${reason}`,
    help: 'Give all processes the same address, port and process count, and different ranks. Rank 0 listens on the address, on a free port.',
  })

export const tensorDistributedPeerLost: ErrorMaker<[detail: string]> = defineError({
  code: 'tensor_distributed_peer_lost',
  status: 500,
  when: 'Another process of the group exited or did not respond in time, so a collective operation failed.',
  message: (detail: string) => detail,
  help: 'See the last output of that process. The group is unusable: start the job again, and it resumes from its last checkpoint.',
})

export const tensorDistributedClosed: ErrorMaker<[detail: string]> = defineError({
  code: 'tensor_distributed_closed',
  status: 400,
  when: 'A collective operation was called on a process group that this process has closed.',
  message: (detail: string) => detail,
  help: 'Close a group only after its last collective operation, or join again to create a new one.',
})
