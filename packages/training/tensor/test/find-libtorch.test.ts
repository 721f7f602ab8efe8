/** Finding a libtorch, with folders made for the purpose. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'

interface Libtorch {
  readonly reason: string
  readonly version: string
  readonly lib: string
  readonly include: readonly string[]
  readonly system: boolean
  readonly cuda: boolean
  readonly mpi: boolean
  readonly newAbi: boolean
  readonly cppStandard: number
  readonly gloo: boolean
  readonly nccl: boolean
}
// Plain JavaScript, because it runs before anything is installed.
const script = new URL('../scripts/find-libtorch.mjs', import.meta.url).href
const { findLibtorch, missingPackages, debianPackages } = (await import(script)) as {
  findLibtorch(environment: NodeJS.ProcessEnv, ownFolders?: readonly string[]): Libtorch | undefined
  missingPackages(libtorch: Pick<Libtorch, 'system' | 'gloo'> | undefined, hasCompiler: boolean): string[]
  debianPackages: string[]
}

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-libtorch-'))
  folders.push(folder)
  return folder
}

function addHeaders(folder: string, ...names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), '')
  }
}

function fakeLibtorch({
  standard = 2017,
  symbol = '',
  libraries = ['libtorch_cpu.so', 'libc10.so'],
} = {}): string {
  const root = freshFolder()
  const headers = join(root, 'include/torch/csrc/api/include/torch')
  mkdirSync(headers, { recursive: true })
  mkdirSync(join(root, 'lib'))
  const version = ['MAJOR 2', 'MINOR 9', 'PATCH 1'].map((part) => `#define TORCH_VERSION_${part}`)
  writeFileSync(join(headers, 'version.h'), version.join('\n'))
  writeFileSync(join(headers, 'all.h'), `#if !defined(_MSC_VER) && __cplusplus < ${standard}03L`)
  for (const name of libraries)
    writeFileSync(join(root, 'lib', name), name === 'libc10.so' ? `\0${symbol}\0` : '')
  return root
}

const oldAbi = '_ZN3c105ErrorC1ENS_14SourceLocationESs'
const newAbi = '_ZN3c105ErrorC1ENS_14SourceLocationENSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE'

it('takes the one that LIBTORCH names, and reads off it how to compile', () => {
  const root = fakeLibtorch({ symbol: newAbi })
  expect(findLibtorch({ LIBTORCH: root })).toMatchObject({
    reason: 'LIBTORCH names it',
    version: '2.9.1',
    lib: join(root, 'lib'),
    include: [join(root, 'include/torch/csrc/api/include'), join(root, 'include')],
    system: false,
    cuda: false,
    mpi: false,
    newAbi: true,
    cppStandard: 17,
  })
})

it('sees an old std::string, a newer C++ and CUDA', () => {
  const libraries = ['libtorch_cpu.so', 'libc10.so', 'libtorch_cuda.so', 'libc10_cuda.so']
  const root = fakeLibtorch({ symbol: oldAbi, standard: 2020, libraries })
  expect(findLibtorch({ LIBTORCH: root })).toMatchObject({ newAbi: false, cppStandard: 20, cuda: true })
})

it('finds the gloo headers once they exist, next to libtorch’s or on the compiler’s path', () => {
  const [root, own] = [fakeLibtorch(), freshFolder()]
  const seesGloo = (environment = {}): boolean =>
    findLibtorch({ LIBTORCH: root, ...environment }, [own])!.gloo
  expect(seesGloo()).toBe(false)
  // Libtorch's must be its own.
  addHeaders(own, 'torch/csrc/distributed/c10d/ProcessGroupGloo.hpp', 'gloo/context.h')
  expect(seesGloo()).toBe(false)
  addHeaders(join(root, 'include'), 'torch/csrc/distributed/c10d/ProcessGroupGloo.hpp')
  expect(seesGloo()).toBe(true)
  rmSync(join(own, 'gloo'), { recursive: true })
  expect(seesGloo()).toBe(false)
  const named = freshFolder()
  addHeaders(named, 'gloo/context.h')
  expect(seesGloo({ CPATH: `/elsewhere:${named}` })).toBe(true)
})

it('finds the NCCL headers with those of CUDA and gloo', () => {
  const libraries = ['libtorch_cpu.so', 'libc10.so', 'libtorch_cuda.so', 'libc10_cuda.so']
  const [root, cuda] = [fakeLibtorch({ libraries }), freshFolder()]
  const sees = (): unknown => {
    const { gloo, nccl } = findLibtorch({ LIBTORCH: root, CUDA_HOME: cuda }, [])!
    return { gloo, nccl }
  }
  const c10d = 'torch/csrc/distributed/c10d'
  addHeaders(join(root, 'include'), `${c10d}/ProcessGroupNCCL.hpp`, `${c10d}/ProcessGroupGloo.hpp`, 'nccl.h')
  addHeaders(join(root, 'include'), 'gloo/context.h')
  expect(sees()).toEqual({ gloo: true, nccl: false })
  addHeaders(join(cuda, 'include'), 'cuda_runtime_api.h')
  expect(sees()).toEqual({ gloo: true, nccl: true })
  rmSync(join(root, 'include/gloo'), { recursive: true })
  expect(sees()).toEqual({ gloo: false, nccl: false })
})

it('has everything installed where building is not possible, and gloo’s headers alone where they alone lack', () => {
  expect(missingPackages(undefined, true)).toEqual(debianPackages)
  expect(missingPackages({ system: true, gloo: true }, false)).toEqual(debianPackages)
  expect(missingPackages({ system: true, gloo: false }, true)).toEqual(['libgloo-dev'])
  expect(missingPackages({ system: true, gloo: true }, true)).toEqual([])
  // The gloo inside another libtorch is of another version.
  expect(missingPackages({ system: false, gloo: false }, true)).toEqual([])
})

it('says what is missing when LIBTORCH names something else', () => {
  expect(() => findLibtorch({ LIBTORCH: tmpdir() })).toThrow(`LIBTORCH=${tmpdir()} holds no libtorch`)
})

it('finds the one these tests run with', () => {
  const found = findLibtorch({ ...process.env, LIBTORCH: process.env.LIBTORCH })
  expect(found?.version).toMatch(/^\d+\.\d+\.\d+$/)
  expect(found?.reason).toBeTruthy()
})

it('building through a link, as node_modules has it, is building', () => {
  const link = join(freshFolder(), 'tensor')
  symlinkSync(fileURLToPath(new URL('..', import.meta.url)), link)
  const env = { ...process.env, LIBTORCH: tmpdir() }
  const built = spawnSync(process.execPath, [join(link, 'scripts/build-native.mjs')], {
    env,
    encoding: 'utf8',
  })
  expect(built).toMatchObject({ status: 1, stderr: expect.stringContaining('holds no libtorch') })
})
