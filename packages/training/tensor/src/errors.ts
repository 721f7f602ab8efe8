/** Errors a user of tensors can meet. `failure.ts` turns what the addon throws into these. */

import { defineError, type ErrorMaker, formatBytes } from '@hadal/base'

const threeWays = [
  'Any one of these gives it:',
  '  1. Debian or Ubuntu:  sudo apt-get install libtorch-dev libopenblas0-openmp libgloo-dev g++',
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

export const tensorOutOfMemory: ErrorMaker<
  [op: string, given: string, askedBytes: number | undefined, reason: string]
> = defineError({
  code: 'tensor_out_of_memory',
  status: 507,
  when: 'Memory for a tensor could not be had: the machine has no more, or the limit that was set would be exceeded.',
  message: (op: string, given: string, askedBytes: number | undefined, reason: string) =>
    `${op}(${given}): no memory${askedBytes === undefined ? '' : ` for ${formatBytes(askedBytes)} more`} (${reason})`,
  help: 'Use smaller tensors, free some (`scope`, `leaks()`), raise the limit if one was set, or use a machine with more memory.',
})

export const tensorProfilerRefused: ErrorMaker<[what: string, reason: string]> = defineError({
  code: 'tensor_profiler_refused',
  status: 400,
  when: 'The profiler was started or stopped when that could not be, or its trace could not be written.',
  message: (what: string, reason: string) => `${what}: ${reason}`,
  help: 'One profile is recorded at a time, on the thread that started it: startProfiler(), what is to be seen, stopProfiler(path).',
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

export const tensorDistributedUnavailable: ErrorMaker<[backend: string, has: readonly string[]]> =
  defineError({
    code: 'tensor_distributed_unavailable',
    status: 500,
    when: 'Processes are to work together, and the tensor addon was compiled without what that needs.',
    message: (backend: string, has: readonly string[]) =>
      `the tensor addon has no ${backend}${has.length > 0 ? `, only ${has.join(', ')}` : ''}`,
    help: (backend: string) =>
      backend === 'nccl'
        ? 'nccl needs a libtorch with CUDA and the headers of CUDA and NCCL; gloo works on every CPU.'
        : [
            'gloo needs its headers beside those of libtorch. On Debian or Ubuntu: sudo apt-get install libgloo-dev',
            'Then build the addon: node node_modules/@hadal/tensor/scripts/build-native.mjs',
          ].join('\n'),
  })

export const tensorDistributedInvalid: ErrorMaker<[reason: string]> = defineError({
  code: 'tensor_distributed_invalid',
  status: 400,
  when: 'A process group was asked for with a rank, a size, a port or members that cannot be.',
  message: (reason: string) => reason,
  help: 'Ranks are whole numbers from 0 to below the number of processes, each used once.',
})

export const tensorDistributedJoinFailed: ErrorMaker<[place: string, rank: number, reason: string]> =
  defineError({
    code: 'tensor_distributed_join_failed',
    status: 504,
    when: 'The processes of a job did not all meet at its master address in time.',
    message: (place: string, rank: number, reason: string) =>
      `rank ${rank} could not join the process group at ${place}: ${reason}`,
    help: 'All processes must name the same address, port and number of processes, and differ in their rank; rank 0 listens at the address, on a port that is free.',
  })

export const tensorDistributedPeerLost: ErrorMaker<[detail: string]> = defineError({
  code: 'tensor_distributed_peer_lost',
  status: 500,
  when: 'Another process of the group ended or did not answer in time, so a collective could not be done.',
  message: (detail: string) => detail,
  help: 'Look at what that process said last. The group cannot be used any more: start the job again, it goes on from its last checkpoint.',
})

export const tensorDistributedClosed: ErrorMaker<[detail: string]> = defineError({
  code: 'tensor_distributed_closed',
  status: 400,
  when: 'A collective was called on a process group that this process has closed.',
  message: (detail: string) => detail,
  help: 'Close a group after the last collective, and join again for another.',
})
