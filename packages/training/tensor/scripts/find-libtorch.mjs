/**
 * Finds a libtorch to build against: the one `LIBTORCH` names, the system's, or the one inside an installed PyTorch
 * wheel. Plain JavaScript with no dependencies, because it runs before there are any.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

/**
 * @typedef {object} Libtorch
 * @property {string} reason why this one
 * @property {string} version
 * @property {string} lib folder of libtorch_cpu.so
 * @property {string[]} include folders of headers, none for the system's default
 * @property {boolean} system whether the loader finds `lib` by itself
 * @property {boolean} cuda
 * @property {boolean} newAbi whether its std::string is the C++11 one
 * @property {boolean} mpi whether it wants Open MPI (Debian's does), which native/mpi/stub.cc replaces
 * @property {number} cppStandard the C++ standard its headers ask for
 * @property {boolean} gloo whether processes can be connected with gloo: libtorch's headers for it are there, and its own
 * @property {boolean} nccl the same of NCCL, alongside gloo
 */

/** All that building and testing on Debian takes. */
export const debianPackages = ['g++', 'libtorch-dev', 'libopenblas0-openmp', 'libgloo-dev', 'python3-torch']

/** Packages to install for the given `libtorch`. Debian's gloo works only with Debian's libtorch. */
export function missingPackages(libtorch, hasCompiler) {
  if (!libtorch || !hasCompiler) return debianPackages
  return libtorch.system && !libtorch.gloo ? ['libgloo-dev'] : []
}

/**
 * The libtorch to use, or undefined. Throws if `LIBTORCH` is set and wrong. `ownFolders` are the compiler's default include
 * folders. @returns {Libtorch | undefined}
 */
export function findLibtorch(environment = process.env, ownFolders = ['/usr/local/include', '/usr/include']) {
  const found = libraryOf(environment)
  return found && { ...found, ...backendsOf(found, environment, ownFolders) }
}

function libraryOf(environment) {
  const named = environment.LIBTORCH
  if (named) {
    const found = libtorchAt(named, 'LIBTORCH names it')
    if (found) return found
    throw new Error(
      `LIBTORCH=${named} holds no libtorch: include/torch/version.h or lib/libtorch_cpu.so is missing`,
    )
  }
  return systemLibtorch() ?? wheelLibtorch(environment)
}

function systemLibtorch() {
  for (const prefix of ['/usr', '/usr/local']) {
    const header = join(prefix, 'include/torch/csrc/api/include/torch/version.h')
    if (!existsSync(header)) continue
    for (const lib of [...multiarch(join(prefix, 'lib')), join(prefix, 'lib64'), join(prefix, 'lib')]) {
      if (!existsSync(join(lib, 'libtorch_cpu.so'))) continue
      const api = join(prefix, 'include/torch/csrc/api/include')
      // /usr/include must stay where the compiler puts it: naming it breaks the C++ headers that include C's.
      const include = prefix === '/usr' ? [api] : [api, join(prefix, 'include')]
      return describe(lib, include, header, true, 'the system has it')
    }
  }
  return undefined
}

function multiarch(lib) {
  return existsSync(lib)
    ? readdirSync(lib)
        .filter((name) => /-linux-gnu$/.test(name))
        .map((name) => join(lib, name))
    : []
}

function wheelLibtorch(environment) {
  const ask =
    'import importlib.util as u; s = u.find_spec("torch"); print(s.submodule_search_locations[0] if s else "")'
  for (const python of [environment.PYTHON, 'python3', '/usr/bin/python3'].filter(Boolean)) {
    const { status, stdout } = spawnSync(python, ['-c', ask], { encoding: 'utf8' })
    const found =
      status === 0 && stdout.trim() && libtorchAt(stdout.trim(), `the PyTorch of ${python} has it`)
    if (found) return found
  }
  return undefined
}

/** An unpacked libtorch, or the `torch` folder of a wheel: both have `include` and `lib`. */
function libtorchAt(root, reason) {
  const api = join(root, 'include/torch/csrc/api/include')
  const header = join(api, 'torch/version.h')
  const lib = join(root, 'lib')
  if (!existsSync(header) || !existsSync(join(lib, 'libtorch_cpu.so'))) return undefined
  return describe(lib, [api, join(root, 'include')], header, false, reason)
}

function describe(lib, include, header, system, reason) {
  return {
    reason,
    version: versionIn(header),
    lib,
    include,
    system,
    cuda: existsSync(join(lib, 'libtorch_cuda.so')) && existsSync(join(lib, 'libc10_cuda.so')),
    mpi: needsMpi(join(lib, 'libtorch_cpu.so')),
    newAbi: usesNewAbi(join(lib, 'libc10.so')),
    cppStandard: standardIn(join(dirname(header), 'all.h')),
  }
}

/** Without them there are no statistics of CUDA's caching allocator and no NCCL; all else works. */
export function cudaHeaders({ cuda }, environment = process.env) {
  const folder = join(environment.CUDA_HOME || '/usr/local/cuda', 'include')
  return cuda && existsSync(join(folder, 'cuda_runtime_api.h')) ? [folder] : []
}

function backendsOf(libtorch, environment, ownFolders) {
  const { CPATH = '', CPLUS_INCLUDE_PATH = '' } = environment
  const named = [CPATH, CPLUS_INCLUDE_PATH].flatMap((list) => list.split(delimiter)).filter(Boolean)
  const has = (header, folders) => folders.some((folder) => existsSync(join(folder, header)))
  const all = [...libtorch.include, ...cudaHeaders(libtorch, environment), ...named, ...ownFolders]
  const ofLibtorch = libtorch.system ? all : libtorch.include
  const hasBackend = (name) => has(`torch/csrc/distributed/c10d/ProcessGroup${name}.hpp`, ofLibtorch)
  const gloo = hasBackend('Gloo') && has('gloo/context.h', all)
  const cuda = libtorch.cuda && has('cuda_runtime_api.h', all)
  return { gloo, nccl: gloo && cuda && hasBackend('NCCL') && has('nccl.h', all) }
}

function versionIn(header) {
  const text = readFileSync(header, 'utf8')
  return ['MAJOR', 'MINOR', 'PATCH']
    .map((part) => text.match(`TORCH_VERSION_${part} (\\d+)`)?.[1] ?? '?')
    .join('.')
}

/** `readelf` comes with the compiler. */
function needsMpi(library) {
  const { status, stdout } = spawnSync('readelf', ['-d', library], { encoding: 'utf8' })
  return status === 0 && stdout.includes('[libmpi.so.40]')
}

/** A constructor of c10::Error takes a std::string, and its mangled name says which. */
function usesNewAbi(libc10) {
  return /_ZN3c105ErrorC[12]E\w*?NSt7__cxx1112basic_string/.test(readFileSync(libc10, 'latin1'))
}

function standardIn(allHeader) {
  const year = readFileSync(allHeader, 'utf8').match(/__cplusplus < 20(\d\d)/)?.[1]
  return Math.max(17, Number(year ?? 17))
}
