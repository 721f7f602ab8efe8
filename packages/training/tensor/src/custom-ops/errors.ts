/** Errors that writers of operators can meet. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const opSchemaInvalid: ErrorMaker<[name: string, why: string]> = defineError({
  code: 'op_schema_invalid',
  status: 400,
  when: 'The name or schema of a custom operator cannot be parsed. The message has the position from the libtorch parser.',
  message: (name, why) => `${name}: invalid schema: ${why}`,
  help: 'Write name: "my::vector_add" and schema: "(Tensor a, Tensor b) -> Tensor", as in docs/custom-operators.md.',
})

export const opSchemaUnsupported: ErrorMaker<[name: string, what: string, help: string]> = defineError({
  code: 'op_schema_unsupported',
  status: 400,
  when: 'The schema of a custom operator uses an unsupported feature: a type, an alias, or gradients of a list.',
  message: (name, what, _help) => `${name}: ${what}`,
  help: (_name, _what, help) => help,
  docsHelp: 'Rewrite the schema as the error says; docs/custom-operators.md lists the supported types.',
})

export const opShapeResults: ErrorMaker<[name: string, given: number, wanted: number]> = defineError({
  code: 'op_shape_results',
  status: 400,
  when: 'The shape function of a custom operator does not have one expression per result of the schema.',
  message: (name, given, wanted) =>
    `${name}: shape has ${given} expression${given === 1 ? '' : 's'} for ${wanted} result${wanted === 1 ? '' : 's'}`,
  help: 'Provide one expression per result, in order: shape: ["at::empty_like(x)", "at::empty({n}, x.options())"].',
})

export const opSourceMissing: ErrorMaker<[name: string, path: string, why: string]> = defineError({
  code: 'op_source_missing',
  status: 404,
  when: 'A source file of a custom operator cannot be read.',
  message: (name, path, why) => `${name}: cannot read ${path}: ${why}`,
  help: 'Name it relative to the file that defines the operator: new URL("./kernel.cc", import.meta.url). A string is C++ source itself.',
})

export const opCompilerMissing: ErrorMaker<[name: string, tried: readonly string[]]> = defineError({
  code: 'op_compiler_missing',
  status: 500,
  when: 'A custom operator is not in the cache and must be compiled, and no compiler is installed.',
  message: (name, tried) => `${name}: no compiler found (tried ${tried.join(', ')})`,
  help: 'Install one (Debian: apt-get install g++), name one in CXX (for .cu files NVCC), or use a prebuilt library: { library: folder }.',
})

export const opCompileFailed: ErrorMaker<[name: string, first: string, output: string]> = defineError({
  code: 'op_compile_failed',
  status: 400,
  when: 'The C++ source of a custom operator does not compile. The message has the first compiler error with its file and line.',
  message: (name, first, _output) => `${name}: ${first}`,
  help: (_name, _first, output) => `Correct the source. Compiler output:\n${output}`,
  docsHelp: 'Correct the source at the line that the compiler names; the error includes the compiler output.',
})

export const opSymbolMissing: ErrorMaker<[name: string, symbol: string, signature: string | undefined]> =
  defineError({
    code: 'op_symbol_missing',
    status: 400,
    when: 'The C++ source of a custom operator compiles, but a required function is not defined.',
    message: (name, symbol, signature) =>
      signature === undefined
        ? `${name}: ${symbol} is declared but not defined`
        : `${name}: the source does not define ${symbol}`,
    help: (_name, _symbol, signature) =>
      signature === undefined
        ? 'Define it in the source, or link the library that defines it with flags: ["-lname"].'
        : `Define it outside of namespaces, not static, with exactly this signature:\n  ${signature}`,
    docsHelp:
      'Define the function in the source, outside of namespaces, not static, with the signature that the error shows. Or link the library that defines it with flags: ["-lname"].',
  })

export const opAlreadyRegistered: ErrorMaker<[name: string, ours: boolean]> = defineError({
  code: 'op_already_registered',
  status: 409,
  when: 'A custom operator has the name of an existing operator with different sources.',
  message: (name, ours) =>
    ours
      ? `${name} is already registered with other sources, schema or flags`
      : `${name} is an operator of libtorch or of another library`,
  help: (_name, ours) =>
    ours ? 'Call unload() on the first one before you define it again.' : 'Choose another name: "my::name".',
  docsHelp:
    'Call unload() on the existing operator before you define it again. If it belongs to libtorch or another library, choose another name: "my::name".',
})

export const opUnloaded: ErrorMaker<[name: string]> = defineError({
  code: 'op_unloaded',
  status: 410,
  when: 'A custom operator is called after it was unloaded.',
  message: (name) => `${name} was unloaded`,
  help: 'Call the function returned by the latest defineOp.',
})

export const opLibraryForeign: ErrorMaker<[file: string, built: string, loaded: string]> = defineError({
  code: 'op_library_foreign',
  status: 409,
  when: 'The library of a custom operator was built for another libtorch or another version of Hadal, so it is not loaded.',
  message: (file, built, loaded) => `${file} was built for ${built}; this is ${loaded}`,
  help: 'Build it on a machine with this libtorch: call defineOp without `library`, and use the folder of its build.file.',
})

export const opLibraryDamaged: ErrorMaker<[file: string, why: string]> = defineError({
  code: 'op_library_damaged',
  status: 500,
  when: 'The library of a custom operator is missing, altered, or cannot be loaded. Cached libraries are recompiled automatically; a library given by path is rejected.',
  message: (file, why) => `cannot use ${file}: ${why}`,
  help: 'Build it again, and copy the complete folder.',
})

export const opCacheUnwritable: ErrorMaker<[folder: string, why: string]> = defineError({
  code: 'op_cache_unwritable',
  status: 500,
  when: 'The cache folder for compiled operators cannot be written to.',
  message: (folder, why) => `cannot cache compiled operators in ${folder}: ${why}`,
  help: 'Make it writable, set XDG_CACHE_HOME, or name another folder: { cache: folder }.',
})

export const opCudaUnfit: ErrorMaker<[name: string, issues: readonly string[]]> = defineError({
  code: 'op_cuda_unfit',
  status: 400,
  when: 'The CUDA source of a custom operator blocks on the device, launches a kernel without a stream, or does not check the launch.',
  message: (name, issues) => `${name}: ${issues.join('; ')}`,
  help: 'Launch kernels as <<<blocks, threads, bytes, stream>>> on at::cuda::getCurrentCUDAStream(), return cudaGetLastError() from that function, and check it with C10_CUDA_CHECK in the launcher. Do not synchronize: the caller waits when it needs a result.',
})
