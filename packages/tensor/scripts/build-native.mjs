/**
 * Compiles the addon against the libtorch of this machine, when anything that goes into it has changed:
 *   node packages/tensor/scripts/build-native.mjs
 * Plain JavaScript with no dependencies, because it runs before there are any.
 */

import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findLibtorch } from './find-libtorch.mjs'

export { findLibtorch }

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const native = join(root, 'native')
const build = join(root, 'build')
const addon = join(build, 'hadal-tensor.node')
const stampFile = join(build, 'stamp.json')

const threeWays = [
  'Any one of these gives it:',
  '  1. Debian or Ubuntu:  sudo apt-get install libtorch-dev libopenblas0-openmp g++',
  '  2. a downloaded one:  export LIBTORCH=/path/to/libtorch',
  '  3. a PyTorch wheel:   pip install torch   (found through python3)',
].join('\n')

/** Builds what is out of date. Throws, with the next step in the message, when it cannot. */
export async function buildNative({ log = (line) => console.error(line) } = {}) {
  const libtorch = findLibtorch()
  if (!libtorch) throw new Error(`libtorch was not found.\n${threeWays}`)
  const compiler = process.env.CXX || 'g++'
  const compilerVersion = spawnSync(compiler, ['--version'], { encoding: 'utf8' }).stdout?.split('\n')[0]
  if (!compilerVersion)
    throw new Error(`${compiler} did not start: install a C++ compiler (apt-get install g++)`)

  const flags = compileFlags(libtorch)
  const stamp = fingerprint(libtorch, compilerVersion, [...flags, ...linkFlags(libtorch)])
  if (
    existsSync(addon) &&
    existsSync(stampFile) &&
    JSON.parse(readFileSync(stampFile, 'utf8')).stamp === stamp
  )
    return

  log(`compiling the tensor addon for libtorch ${libtorch.version} in ${libtorch.lib} (${libtorch.reason})`)
  const start = performance.now()
  const objects = join(build, 'objects')
  rmSync(build, { recursive: true, force: true })
  mkdirSync(objects, { recursive: true })
  const sources = readdirSync(native).filter((name) => name.endsWith('.cc'))
  const objectOf = (source) => join(objects, `${basename(source, '.cc')}.o`)
  await inParallel(sources, (source) =>
    runProgram(compiler, [...flags, '-c', join(native, source), '-o', objectOf(source)]),
  )
  const linked = `${addon}.new`
  await runProgram(compiler, ['-shared', '-o', linked, ...sources.map(objectOf), ...linkFlags(libtorch)])
  renameSync(linked, addon)
  writeFileSync(stampFile, `${JSON.stringify({ stamp, libtorch }, null, 2)}\n`)
  rmSync(objects, { recursive: true })
  log(`compiled in ${((performance.now() - start) / 1000).toFixed(0)} s`)
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
    ...[...libtorch.include, nodeApi].flatMap((folder) => ['-isystem', folder]),
  ]
}

function linkFlags(libtorch) {
  return [
    `-L${libtorch.lib}`,
    ...(libtorch.system ? [] : [`-Wl,-rpath,${libtorch.lib}`]),
    // Its kernels register themselves when it is loaded; nothing here refers to them by name.
    '-Wl,--no-as-needed',
    '-ltorch',
    '-ltorch_cpu',
    '-lc10',
    ...(libtorch.cuda
      ? ['-ltorch_cuda', '-lc10_cuda', '-Wl,--unresolved-symbols=ignore-in-shared-libs']
      : []),
    '-ldl',
  ]
}

/** Changes when the sources, the flags, the compiler or the library do. */
function fingerprint(libtorch, compilerVersion, flags) {
  const hash = createHash('sha256')
  const library = statSync(join(libtorch.lib, 'libtorch_cpu.so'))
  hash.update(JSON.stringify([libtorch, library.size, library.mtimeMs, compilerVersion, flags]))
  for (const name of readdirSync(native).sort()) hash.update(name).update(readFileSync(join(native, name)))
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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  buildNative().catch((error) => {
    console.error(`error: ${error.message}`)
    process.exitCode = 1
  })
}
