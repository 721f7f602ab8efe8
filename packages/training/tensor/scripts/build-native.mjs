/**
 * Compiles the addon against this machine's libtorch if any input has changed:
 *   node packages/training/tensor/scripts/build-native.mjs
 * Plain JavaScript without dependencies, because it runs before they are installed.
 */

import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cudaHeaders, findLibtorch } from './find-libtorch.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const native = join(root, 'native')
const build = join(root, 'build')
const addon = join(build, 'hadal-tensor.node')
const stampFile = join(build, 'stamp.json')
/** Compiled sources by a hash of all that goes into each, so that a change compiles only what it changes. */
const objects = join(build, 'objects')
const mpiStub = 'libmpi.so.40'
/**
 * Sources that are compiled as one, since most of a compilation is reading libtorch's headers. The longest comes first. What
 * is in no list is compiled by itself: quantized-linear.cc and secure-normal.cc have constants of the same names.
 */
const units = {
  kernels: ['attention-heads', 'fp8', 'rms-norm', 'swiglu'],
  bridge: [
    ...['addon', 'allocator', 'autograd', 'convert', 'custom-op', 'error', 'js', 'library', 'lifetimes'],
    ...['nvtx', 'operator', 'profiler', 'rules', 'slab', 'tensors', 'typed', 'warnings', 'wire'],
  ],
  distribution: ['process-group', 'distributed', 'collectives', 'collective-gradients'],
}

const threeWays = [
  'Any one of these gives it:',
  '  1. Debian or Ubuntu:  sudo apt-get install libtorch-dev libopenblas0-openmp libgloo-dev g++',
  '  2. a downloaded one:  export LIBTORCH=/path/to/libtorch',
  '  3. a PyTorch wheel:   pip install torch   (found through python3)',
].join('\n')

/** Builds outdated files. Throws an error that names the next step if that fails. */
export async function buildNative({ log = (line) => console.error(line) } = {}) {
  const libtorch = findLibtorch()
  if (!libtorch) throw new Error(`libtorch was not found.\n${threeWays}`)
  const compiler = process.env.CXX || 'g++'
  const compilerVersion = spawnSync(compiler, ['--version'], { encoding: 'utf8' }).stdout?.split('\n')[0]
  if (!compilerVersion)
    throw new Error(`${compiler} did not start: install a C++ compiler (apt-get install g++)`)

  const flags = compileFlags(libtorch)
  const stamp = fingerprint(libtorch, compilerVersion, [...flags, ...linkFlags(libtorch, build)], '.cc', '.h')
  if (
    existsSync(addon) &&
    existsSync(stampFile) &&
    JSON.parse(readFileSync(stampFile, 'utf8')).stamp === stamp
  )
    return

  log(`compiling the tensor addon for libtorch ${libtorch.version} in ${libtorch.lib} (${libtorch.reason})`)
  const start = performance.now()
  // Built aside and moved into place, so that programs that load the old one meanwhile are not disturbed.
  const work = join(build, `work-${process.pid}`)
  mkdirSync(work, { recursive: true })
  try {
    await compileAll(compiler, flags, libtorch, work, fingerprint(libtorch, compilerVersion, flags, '.h'))
    for (const name of readdirSync(work)) {
      renameSync(join(work, name), join(build, name))
    }
  } finally {
    rmSync(work, { recursive: true })
  }
  writeFileSync(stampFile, `${JSON.stringify({ stamp, libtorch }, null, 2)}\n`)
  log(`compiled in ${((performance.now() - start) / 1000).toFixed(0)} s`)
}

async function compileAll(compiler, flags, libtorch, work, headers) {
  if (libtorch.mpi) {
    const stub = join(native, 'mpi/stub.cc')
    const options = ['-O2', '-fPIC', '-shared', '-Wl,-soname,libmpi.so.40']
    await runProgram(compiler, [...options, stub, '-o', join(work, mpiStub)])
  }
  mkdirSync(objects, { recursive: true })
  const objectOf = new Map(
    sourceUnits().map(([unit, sources]) => {
      const hash = createHash('sha256').update(headers)
      for (const source of sources) hash.update(readFileSync(join(native, source)))
      return [[unit, sources], join(objects, `${unit}-${hash.digest('hex').slice(0, 16)}.o`)]
    }),
  )
  await inParallel([...objectOf], async ([[unit, sources], object]) => {
    if (existsSync(object)) return
    const [text, made] = [join(work, `${unit}.unit.cc`), join(work, `${unit}.o`)]
    writeFileSync(text, sources.map((source) => `#include "${source}"\n`).join(''))
    await runProgram(compiler, [...flags, '-iquote', native, '-c', text, '-o', made])
    rmSync(text)
    renameSync(made, object)
  })
  await runProgram(compiler, [
    '-shared',
    '-o',
    join(work, basename(addon)),
    ...objectOf.values(),
    ...linkFlags(libtorch, work),
  ])
  const aDayAgo = Date.now() - 24 * 3600 * 1000
  for (const path of readdirSync(objects).map((name) => join(objects, name)))
    if (
      ![...objectOf.values()].includes(path) &&
      statSync(path, { throwIfNoEntry: false })?.mtimeMs < aDayAgo
    )
      rmSync(path, { force: true })
}

/** `[name, files]` of each compilation. */
function sourceUnits() {
  const left = new Set(readdirSync(native).filter((name) => name.endsWith('.cc')))
  const together = Object.entries(units).map(([unit, names]) => [unit, names.map((name) => `${name}.cc`)])
  for (const source of together.flatMap(([, sources]) => sources))
    if (!left.delete(source)) throw new Error(`native/${source} is missing, or in two units`)
  return [...together, ...[...left].map((source) => [basename(source, '.cc'), [source]])]
}

function compileFlags(libtorch) {
  const nodeApi = join(
    dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json')),
    'include',
  )
  return [
    `-std=c++${libtorch.cppStandard}`,
    '-O2',
    '-fPIC',
    '-fvisibility=hidden',
    '-Wall',
    '-Wextra',
    '-Wno-unused-parameter',
    // A false alarm inside libtorch's own headers.
    '-Wno-stringop-overflow',
    `-D_GLIBCXX_USE_CXX11_ABI=${libtorch.newAbi ? 1 : 0}`,
    ...(libtorch.cuda ? ['-DHADAL_CUDA'] : []),
    `-DHADAL_GLOO=${libtorch.gloo ? 1 : 0}`,
    `-DHADAL_NCCL=${libtorch.nccl ? 1 : 0}`,
    ...[...libtorch.include, nodeApi, ...cudaHeaders(libtorch)].flatMap((folder) => ['-isystem', folder]),
  ]
}

function linkFlags(libtorch, work) {
  return [
    `-L${libtorch.lib}`,
    // Kernels register themselves when their library is loaded; nothing here refers to them by name.
    '-Wl,--no-as-needed',
    // The stub comes first, so that it is loaded before a library that wants the real one.
    ...(libtorch.mpi ? ['-Wl,-rpath,$ORIGIN', join(work, mpiStub)] : []),
    ...(libtorch.system ? [] : [`-Wl,-rpath,${libtorch.lib}`]),
    '-ltorch',
    '-ltorch_cpu',
    '-lc10',
    ...(libtorch.cuda
      ? ['-ltorch_cuda', '-lc10_cuda', '-Wl,--unresolved-symbols=ignore-in-shared-libs']
      : []),
    '-ldl',
  ]
}

/** Changes when the sources whose names end so, the flags, the compiler or the library do. */
function fingerprint(libtorch, compilerVersion, flags, ...endings) {
  const hash = createHash('sha256')
  const library = statSync(join(libtorch.lib, 'libtorch_cpu.so'))
  hash.update(JSON.stringify([libtorch, library.size, library.mtimeMs, compilerVersion, flags]))
  for (const name of readdirSync(native, { recursive: true }).sort()) {
    if (endings.some((ending) => name.endsWith(ending)))
      hash.update(name).update(readFileSync(join(native, name)))
  }
  return hash.digest('hex')
}

async function inParallel(items, work) {
  const queue = [...items]
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
}

function runProgram(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', reject)
    child.on('exit', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`${program} failed (exit ${code}): ${args.join(' ')}`))
    })
  })
}

// Through node_modules the package is a link, and this file knows itself by where it really is.
if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  buildNative().catch((error) => {
    console.error(`error: ${error.message}`)
    process.exitCode = 1
  })
}
