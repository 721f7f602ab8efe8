/** The servers that are compared: how each is started on a model, and how it is known to be ready. */

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@hadal/base/free-port'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '../..')
export const cacheFolder = join(here, '.cache')

export interface Setup {
  readonly model: string
  readonly threads: number
  /** Sequences at the same time. */
  readonly sequences: number
  /** Of one sequence, in tokens. */
  readonly context: number
}

export interface Contender {
  readonly name: string
  readonly version: string
  start(setup: Setup): Promise<RunningServer>
}

export interface RunningServer extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  /** On the clock of `performance.now()`. */
  readonly spawnedAt: number
  /** When it was seen to be ready, which is asked every few milliseconds. */
  readonly readyAt: number
}

/** With `flags` of `hadal serve` beside those that all contenders share. */
export function hadal(flags = ''): Contender {
  const { version } = JSON.parse(readFileSync(join(root, 'packages/apps/cli/package.json'), 'utf8')) as {
    version: string
  }
  return {
    name: `hadal ${flags}`.trim(),
    version,
    start: ({ model, threads, sequences, context }) =>
      launch(
        (port) => [
          process.execPath,
          join(root, 'packages/apps/cli/bin/hadal.js'),
          'serve',
          ...['--model', model, '--model-id', 'bench', '--port', String(port), '--threads', String(threads)],
          ...['--max-batch-size', String(sequences), '--context-length', String(context)],
          ...flags.split(' ').filter((flag) => flag !== ''),
        ],
        '/ready',
      ),
  }
}

/** The program that LLAMA_SERVER names. */
export function llamaServer(program: string): Contender {
  return {
    name: 'llama-server',
    version: versionOf(program),
    start: ({ model, threads, sequences, context }) =>
      launch(
        (port) => [
          program,
          ...['--model', model, '--host', '127.0.0.1', '--port', String(port), '--no-webui'],
          ...['--threads', String(threads), '--threads-batch', String(threads)],
          ...['--parallel', String(sequences), '--ctx-size', String(context * sequences)],
          '--log-disable',
        ],
        '/health',
      ),
  }
}

const peerVersion = '3.21.1'

/** Installed once, without the packages for other machines. */
export function nodeLlamaCpp(): Contender {
  const folder = join(cacheFolder, 'peers')
  if (!existsSync(join(folder, 'node_modules/node-llama-cpp'))) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
    const packages = [`node-llama-cpp@${peerVersion}`, `@node-llama-cpp/${platform()}@${peerVersion}`]
    const flags = ['--prefix', folder, '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund']
    execFileSync('npm', ['install', ...flags, ...packages], { stdio: 'inherit' })
  }
  return {
    name: 'node-llama-cpp',
    version: peerVersion,
    start: ({ model, threads, sequences, context }) =>
      launch(
        (port) => [
          process.execPath,
          ...['--import', import.meta.resolve('tsx'), join(here, 'node-llama-cpp-server.ts')],
          ...[folder, model, String(port), String(threads), String(sequences), String(context)],
        ],
        '/ready',
      ),
  }
}

function platform(): string {
  return process.platform === 'darwin' && process.arch === 'arm64'
    ? 'mac-arm64-metal'
    : `${process.platform.replace('darwin', 'mac').replace('win32', 'win')}-${process.arch}`
}

/** `version: 0.4.0 (build 1, commit abc)`, which llama-server says on standard error. */
function versionOf(program: string): string {
  const { stdout, stderr } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  return /^version: (.+)$/m.exec(`${stdout}\n${stderr}`)?.[1] ?? 'unknown'
}

const readyWithinMillis = 120_000
const pollMillis = 5

async function launch(
  commandFor: (port: number) => readonly string[],
  readyPath: string,
): Promise<RunningServer> {
  const port = await freePort()
  const [program, ...args] = commandFor(port)
  // Certificates of the machine, which Node.js would read before anything else, tell nothing of a server.
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env
  const spawnedAt = performance.now()
  const child = spawn(program!, args, { stdio: ['ignore', 'ignore', 'pipe'], env })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-4000)
  })
  const url = `http://127.0.0.1:${port}`
  const until = performance.now() + readyWithinMillis
  while (!(await answersOk(url + readyPath))) {
    if (child.exitCode !== null || child.signalCode !== null || performance.now() > until) {
      await stop(child)
      throw new Error(`${program} ${args.join(' ')} did not become ready:\n${errors}`)
    }
    await new Promise((resolve) => setTimeout(resolve, pollMillis))
  }
  return {
    url,
    pid: child.pid!,
    spawnedAt,
    readyAt: performance.now(),
    [Symbol.asyncDispose]: () => stop(child),
  }
}

async function answersOk(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  )
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  const last = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await once(child, 'exit')
  clearTimeout(last)
}
