/**
 * What a fresh machine needs before anything runs, each step skipped when it is already done. Plain JavaScript with no
 * dependencies, because it runs before there are any.
 */

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageFolders } from './package-folders.mjs'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`Node ${process.versions.node} is too old`, 'Install Node 20.19 or newer.')
}

/** Runs a program with this terminal; ends this process with its exit code when it fails. */
export function run(command, args, options = {}) {
  const { status, error, signal } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (error) fail(`${command} did not start: ${error.message}`, 'Is it installed and on the PATH?')
  if (status !== 0) process.exit(status ?? (signal ? 130 : 1))
}

/** The program a package in node_modules brings, run with this Node. */
export function runBin(name, args, options) {
  run(process.execPath, [binOf(name), ...args], options)
}

export function binOf(name) {
  const manifest = join(root, 'node_modules', name, 'package.json')
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8'))
  return join(
    dirname(manifest),
    typeof bin === 'string' ? bin : (bin[name] ?? bin[name.split('/').at(-1)] ?? Object.values(bin)[0]),
  )
}

const isWindows = process.platform === 'win32'

export function installPackages() {
  const wanted = readFileSync(join(root, 'package-lock.json'), 'utf8')
  const stamp = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(stamp) || !sameTree(wanted, readFileSync(stamp, 'utf8'))) {
    step('installing npm packages')
    run('npm', ['ci', '--no-audit', '--no-fund'], { shell: isWindows })
  }
  buildSqlite()
}

/** .npmrc turns install scripts off. better-sqlite3 needs its own: it downloads or compiles the binary for this version of Node. */
function buildSqlite() {
  const open = "new (require('better-sqlite3'))(':memory:')"
  const opens = () => spawnSync(process.execPath, ['-e', open], { cwd: root, stdio: 'ignore' }).status === 0
  if (opens()) return
  step('building better-sqlite3')
  const args = ['rebuild', 'better-sqlite3', '--ignore-scripts=false']
  spawnSync('npm', args, { cwd: root, stdio: 'inherit', shell: isWindows })
  // An optional dependency: PostgreSQL can store keys, too.
  if (!opens()) step('better-sqlite3 has no binary for this machine: nothing can be stored in SQLite files')
}

/** npm's hidden lock file lists what is really installed: the tree is current when it holds every version the lock wants. Packages for other platforms are optional and may be missing. */
function sameTree(wanted, installed) {
  const have = JSON.parse(installed).packages
  return Object.entries(JSON.parse(wanted).packages).every(
    ([path, entry]) =>
      path === '' ||
      (entry.optional && have[path] === undefined) ||
      entry.link ||
      !path.startsWith('node_modules/') ||
      have[path]?.version === entry.version,
  )
}

/** Compilers live for seconds: collecting garbage would cost TypeScript 7 half as much time again, for 0.5 GiB of 3. */
export const compilerEnvironment = { ...process.env, GOGC: 'off' }

/** Emits JavaScript and declarations to every package's `dist`. Types are checked by `npm run check`, not here. */
export function compilePackages() {
  runBin('typescript-7', ['-b', '--noCheck', ...packageFolders()], { env: compilerEnvironment })
}

/** `dist` of every package, the programs that start from one file, and the console's page. */
export function buildPackages() {
  compilePackages()
  run(process.execPath, ['scripts/bundle.mjs'])
  run(process.execPath, ['scripts/build-console.mjs'])
}

export function hasProgram(name) {
  return spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0
}

/** As root where there is apt-get; whether it did. */
function installDebian(packages) {
  if (process.getuid?.() !== 0 || !hasProgram('apt-get')) return false
  step(`installing ${packages.join(', ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const tried = (command, ...args) =>
    spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0
  tried('apt-get', 'update', '-qq')
  return tried('apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages)
}

/** libtorch, a compiler and the tensor addon: needed to train and to test, never to serve. */
export async function prepareTensor() {
  const { buildNative } = await import('../packages/training/tensor/scripts/build-native.mjs')
  const { debianPackages, findLibtorch, missingPackages } = await import(
    '../packages/training/tensor/scripts/find-libtorch.mjs'
  )
  const missing = missingPackages(findLibtorch(), hasProgram('g++'))
  if (missing.length > 0) installDebian(missing)
  const libtorch = findLibtorch()
  if (!libtorch) {
    fail(
      'libtorch was not found',
      [
        'It is needed to train and to run the tests, not to serve. Any one of these will do:',
        `  1. Debian or Ubuntu:  sudo apt-get install ${debianPackages.join(' ')}`,
        '  2. a downloaded one:  export LIBTORCH=/path/to/libtorch',
        '  3. a PyTorch wheel:   pip install torch   (found through python3)',
      ].join('\n'),
    )
  }
  if (!libtorch.gloo)
    step(
      'gloo has no headers here: runs on several processes are left out. Debian: apt-get install libgloo-dev',
    )
  await buildNative()
}

/** PostgreSQL, which some tests start one of their own of: they are skipped where there is none. */
export function preparePostgres() {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian) : []
  // The package of its client alone makes such a folder, too.
  const isThere = versions.some((version) => existsSync(join(debian, version, 'bin', 'initdb')))
  if (isThere || hasProgram('initdb')) return
  if (installDebian(['postgresql'])) return
  step('PostgreSQL is not installed: the tests that need it are skipped. Debian: apt-get install postgresql')
}

/** The official checker of ONNX models, which some tests ask: they are skipped where it is missing. */
export function prepareOnnxChecker() {
  const isThere = () => spawnSync('/usr/bin/python3', ['-c', 'import onnx'], { stdio: 'ignore' }).status === 0
  if (isThere() || (installDebian(['python3-onnx']) && isThere())) return
  step(
    'python3-onnx is not installed: the tests that need it are skipped. Debian: apt-get install python3-onnx',
  )
}

/** The programs of Prometheus, Alertmanager and Kubernetes, which some tests run: they are skipped where one is missing. */
export function prepareMonitoring() {
  const missing = Object.entries({
    prometheus: ['prometheus', 'promtool'],
    'prometheus-alertmanager': ['prometheus-alertmanager', 'amtool'],
    'kubernetes-client': ['kubectl'],
  })
    .filter(([, programs]) => !programs.every(isOnPath))
    .map(([name]) => name)
  if (missing.length === 0) return
  // Where there is an init system, Debian starts them as services on 9090 and 9093; tests start their own on free ports.
  if (installDebian(missing)) return
  step(
    `not installed: ${missing.join(', ')}: the tests that need them are skipped. Debian: apt-get install ${missing.join(' ')}`,
  )
}

/** A browser, for the tests of the console: they are skipped where there is none. */
export function prepareBrowser() {
  const browsers = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome']
  if (browsers.some(isOnPath) || installDebian([browsers[0]])) return
  step(`no Chromium: the tests of the console are skipped. Debian: apt-get install ${browsers[0]}`)
}

/** Some of them know no `--version`. */
function isOnPath(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)))
}

export function step(text) {
  console.error(`\u001b[2m- ${text}\u001b[0m`)
}

export function fail(message, help) {
  console.error(`error: ${message}\nhelp: ${help}`)
  process.exit(1)
}

export function gitVersion() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}
