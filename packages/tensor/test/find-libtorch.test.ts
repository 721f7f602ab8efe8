/** Finding a libtorch, with folders made for the purpose. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
}
// Plain JavaScript, because it runs before anything is installed.
const script = new URL('../scripts/find-libtorch.mjs', import.meta.url).href
const { findLibtorch } = (await import(script)) as {
  findLibtorch(environment: NodeJS.ProcessEnv): Libtorch | undefined
}

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function fakeLibtorch({
  standard = 2017,
  symbol = '',
  libraries = ['libtorch_cpu.so', 'libc10.so'],
} = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'hadal-libtorch-'))
  folders.push(root)
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

it('says what is missing when LIBTORCH names something else', () => {
  expect(() => findLibtorch({ LIBTORCH: tmpdir() })).toThrow(`LIBTORCH=${tmpdir()} holds no libtorch`)
})

it('finds the one these tests run with', () => {
  const found = findLibtorch({ ...process.env, LIBTORCH: process.env.LIBTORCH })
  expect(found?.version).toMatch(/^\d+\.\d+\.\d+$/)
  expect(found?.reason).toBeTruthy()
})
