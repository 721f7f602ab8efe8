/** Builds an operator definition to a library on disk: from the cache, or compiled. Loads nothing. */

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HadalError } from '@hadal/base'
import {
  type Compiler,
  compileFlags,
  cppCompilers,
  cudaFolder,
  findCompiler,
  linkFlags,
  runCompiler,
} from './compiler.ts'
import { compileCudaKernel, findNvcc } from './cuda-kernel.ts'
import { type BuiltAgainst, builtAgainst, libtorchIdentity } from './libtorch-identity.ts'
import {
  cacheFolder,
  discard,
  findKept,
  hashOf,
  isKept,
  keepLibrary,
  libraryName,
  readLibrary,
  workFolder,
} from './op-cache.ts'
import type { OpBuild, OpDefinition } from './op-definition.ts'
import { type WrittenOp, wrapperVersion } from './wrapper.ts'

export interface BuildOptions {
  /** Where libraries are kept. Default: `hadal/ops` in `XDG_CACHE_HOME`, or in ~/.cache. */
  readonly cache?: string
  /** The C++ compiler. Default: `CXX`, or the first of g++, c++, clang++ that starts. */
  readonly compiler?: string
  /** Receives a line for each slow step. */
  readonly log?: (line: string) => void
}

export const hasCuda = (): boolean => builtAgainst().cuda

/** The same for the same sources, wherever their files are. */
export function contentKey({ source, cuda, headers }: WrittenOp, flags: readonly string[]): string {
  const text = source.replaceAll(/^#line .*$/gm, '')
  return hashOf([text, cuda?.text, headers, flags])
}

/** Throws the errors of compiling and of the cache. */
export async function buildOp(
  definition: OpDefinition,
  written: WrittenOp,
  options: BuildOptions,
): Promise<OpBuild & { readonly file: string }> {
  const { name, flags = [] } = definition
  const libtorch = builtAgainst()
  const identity = libtorchIdentity()
  const wanted = options.compiler ?? (process.env.CXX || undefined)
  const key = contentKey(written, flags)
  const cache = options.cache ?? cacheFolder()
  const prefix = name.replace('::', '-')
  const start = performance.now()
  let compiler: Compiler
  try {
    compiler = findCompiler(name, wanted, cppCompilers)
  } catch (missing) {
    const kept = findKept(cache, prefix, key, identity, wrapperVersion)
    if (kept === undefined) throw missing
    return { reason: 'from the cache', file: join(kept, libraryName), millis: performance.now() - start }
  }
  const nvcc = written.cuda && findNvcc(name).version
  const cacheKey = hashOf([key, compiler.version, nvcc, identity, wrapperVersion, processorOf(flags)])
  const folder = join(cache, `${prefix}-${cacheKey.slice(0, 24)}`)
  let why = 'compiled'
  if (isKept(folder)) {
    try {
      const { file } = readLibrary(folder, identity, wrapperVersion)
      return { reason: 'from the cache', file, millis: performance.now() - start }
    } catch (thrown) {
      if (!(thrown instanceof HadalError)) throw thrown
      why = 'compiled again, what was in the cache was damaged,'
      discard(folder)
    }
  }
  const work = workFolder(cache)
  try {
    options.log?.(`compiling ${name}`)
    await compile(definition, written, compiler, libtorch, work)
    keepLibrary(work, folder, { name, key, libtorch: identity, wrapperVersion, compiler: compiler.version })
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  const millis = performance.now() - start
  return {
    reason: `${why} in ${(millis / 1000).toFixed(1)} s with ${compiler.version}`,
    file: readLibrary(folder, identity, wrapperVersion).file,
    millis,
  }
}

async function compile(
  { name, flags = [] }: OpDefinition,
  written: WrittenOp,
  compiler: Compiler,
  libtorch: BuiltAgainst,
  work: string,
): Promise<void> {
  const [source, object] = [join(work, 'op.cc'), join(work, 'op.o')]
  const objects = [object]
  writeFileSync(source, written.source)
  const withCuda = written.cuda !== undefined
  if (written.cuda !== undefined) {
    objects.push(join(work, 'kernel.o'))
    await compileCudaKernel(name, written.cuda, { output: objects[1]!, host: compiler.program })
  }
  const toolkit = withCuda ? cudaFolder() : undefined
  const headers = toolkit === undefined ? [] : ['-isystem', join(toolkit, 'include')]
  const own = flags.filter((flag) => !/^-l/.test(flag))
  await runCompiler(
    name,
    compiler.program,
    [...compileFlags(libtorch, written.folders, own), ...headers, '-c', source, '-o', object],
    written.signatures,
  )
  const libraries = [
    ...linkFlags(libtorch, withCuda, flags),
    ...(toolkit === undefined ? [] : [`-L${join(toolkit, 'lib64')}`]),
  ]
  await runCompiler(
    name,
    compiler.program,
    [...objects, '-o', join(work, libraryName), ...libraries],
    written.signatures,
  )
  for (const each of objects) rmSync(each)
}

/** Code for the processor at hand is for no other. */
function processorOf(flags: readonly string[]): string {
  if (!flags.some((flag) => /^-m(arch|cpu|tune)=native$/.test(flag))) return ''
  return /^flags\s*:.*$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[0] ?? ''
}
