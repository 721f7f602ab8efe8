/** Compiles kernels of CUDA: for every processor from Turing to Hopper, without any of them and without libtorch. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Compiler, findCompiler, runCompiler } from './compiler.ts'
import type { ReadSource } from './sources.ts'

/**
 * What kernels are compiled for; later processors get the last one's PTX, which their driver compiles.
 *
 * @internal
 */
export const cudaArchitectures: readonly number[] = [75, 80, 86, 89, 90]

/** @internal */
export interface CudaKernelOptions {
  /** The object file. */
  readonly output: string
  readonly architectures?: readonly number[]
  /** The C++ compiler that nvcc should use for the rest. */
  readonly host?: string
}

/** Throws `op_compiler_missing`. */
export function findNvcc(name: string): Compiler {
  return findCompiler(name, process.env.NVCC || undefined, ['nvcc', '/usr/local/cuda/bin/nvcc'])
}

/**
 * Throws `op_compiler_missing` without nvcc, and `op_compile_failed` with the line of the source.
 *
 * @internal
 */
export async function compileCudaKernel(
  name: string,
  kernel: ReadSource,
  { output, architectures = cudaArchitectures, host }: CudaKernelOptions,
): Promise<void> {
  const nvcc = findNvcc(name)
  const newest = Math.max(...architectures)
  const code = architectures.map((each) => `-gencode=arch=compute_${each},code=sm_${each}`)
  const work = mkdtempSync(join(tmpdir(), 'hadal-cuda-'))
  try {
    const source = join(work, 'kernel.cu')
    writeFileSync(source, `#line 1 ${JSON.stringify(kernel.label)}\n${kernel.text}`)
    await runCompiler(name, nvcc.program, [
      '-std=c++17',
      '-O3',
      '-Xcompiler',
      '-fPIC',
      ...(host === undefined ? [] : ['-ccbin', host]),
      ...code,
      `-gencode=arch=compute_${newest},code=compute_${newest}`,
      ...(kernel.folder === undefined ? [] : [`-I${kernel.folder}`]),
      '-c',
      source,
      '-o',
      output,
    ])
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
