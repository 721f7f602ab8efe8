/** Runs the compilers, and reports errors in terms of the user's own files. */

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { opCompileFailed, opCompilerMissing, opSymbolMissing } from './errors.ts'
import type { BuiltAgainst } from './libtorch-identity.ts'

export interface Compiler {
  readonly program: string
  /** Line of `--version` with the version. */
  readonly version: string
}

/** The first that starts. Throws `op_compiler_missing`. */
export function findCompiler(
  name: string,
  wanted: string | undefined,
  candidates: readonly string[],
): Compiler {
  const tried = wanted === undefined ? candidates : [wanted]
  for (const program of tried) {
    const found = compilers.get(program) ?? spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout
    const version = found
      ?.trim()
      .split('\n')
      .at(program.endsWith('nvcc') ? -2 : 0)
    if (found === undefined || found === null || !version) continue
    compilers.set(program, found)
    return { program, version: version.trim() }
  }
  throw opCompilerMissing(name, tried)
}

const compilers = new Map<string, string>()

export const cppCompilers: readonly string[] = ['g++', 'c++', 'clang++']

export function compileFlags(
  libtorch: BuiltAgainst,
  folders: readonly string[],
  own: readonly string[],
): string[] {
  return [
    `-std=c++${libtorch.cppStandard}`,
    '-O2',
    '-fPIC',
    '-fvisibility=hidden',
    '-fopenmp',
    `-D_GLIBCXX_USE_CXX11_ABI=${libtorch.newAbi ? 1 : 0}`,
    ...libtorch.include.flatMap((folder) => ['-isystem', folder]),
    ...folders.flatMap((folder) => ['-iquote', folder]),
    ...own,
  ]
}

/** Every symbol has to be found now: one that is missing would end the process when it is called. */
export function linkFlags(libtorch: BuiltAgainst, withCuda: boolean, own: readonly string[]): string[] {
  return [
    '-shared',
    '-Wl,-z,defs',
    `-L${libtorch.lib}`,
    ...(libtorch.system ? [] : [`-Wl,-rpath,${libtorch.lib}`]),
    '-ltorch_cpu',
    '-lc10',
    ...(withCuda ? ['-ltorch_cuda', '-lc10_cuda', '-lcudart'] : []),
    ...openMp(libtorch),
    ...own.filter((flag) => /^-(l|L|Wl,)/.test(flag)),
  ]
}

/** Wheels bundle an OpenMP runtime; with another one alongside it, each would have its own threads. */
function openMp({ lib, system }: BuiltAgainst): string[] {
  const brought = system ? undefined : readdirSync(lib).find((name) => /^libgomp.*\.so/.test(name))
  return [brought === undefined ? '-lgomp' : join(lib, brought)]
}

/** Throws `op_compile_failed` and `op_symbol_missing`. `signatures`: those that the sources must define. */
export async function runCompiler(
  name: string,
  program: string,
  args: readonly string[],
  signatures: readonly string[] = [],
): Promise<void> {
  const { code, output } = await execute(name, program, args)
  if (code === 0) return
  const symbol = /undefined reference to [`'](.+)'/.exec(output)?.[1]
  if (symbol !== undefined) throw symbolMissing(name, symbol, signatures)
  throw opCompileFailed(
    name,
    firstError(output) ?? `${program} ended with exit code ${code}`,
    excerpt(output),
  )
}

function symbolMissing(name: string, symbol: string, signatures: readonly string[]): Error {
  const called = symbol.split('(')[0]!
  return opSymbolMissing(
    name,
    symbol.replaceAll('::__cxx11', ''),
    signatures.find((signature) => new RegExp(`\\b${called.replaceAll(/[^\w]/g, '.')}\\(`).test(signature)),
  )
}

/** `kernel.cc:3:7: error: ...`, or nvcc's form: `kernel.cu(3): error: ...`. */
export function firstError(output: string): string | undefined {
  return output.split('\n').find((line) => /(:\d+(:\d+)?|\(\d+\)): (fatal )?error/.test(line))
}

/** From the first error on; a template can fill screens. */
function excerpt(output: string): string {
  const lines = output.trimEnd().split('\n')
  const first = firstError(output)
  const from = lines.slice(first === undefined ? 0 : lines.indexOf(first))
  return from.length <= 24
    ? from.join('\n')
    : [...from.slice(0, 24), `... ${from.length - 24} lines more`].join('\n')
}

function execute(
  name: string,
  program: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Messages that are searched are English ones.
      env: { ...process.env, LC_ALL: 'C' },
    })
    let output = ''
    const take = (text: Buffer): void => {
      output += text
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('error', () => reject(opCompilerMissing(name, [program])))
    child.on('close', (code) => resolve({ code, output }))
  })
}

/** The toolkit's folder, for headers of launchers. */
export function cudaFolder(): string | undefined {
  const folder = process.env.CUDA_HOME || '/usr/local/cuda'
  return existsSync(join(folder, 'include', 'cuda_runtime_api.h')) ? folder : undefined
}
