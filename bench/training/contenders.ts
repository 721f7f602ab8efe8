/**
 * The two sides of a comparison, as processes that live long and take turns: one makes a block of steps while the other
 * waits. Both get the same threads, allocator settings and task.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { peakResidentMiB, residentMiB } from '../processes.ts'

/** What a contender says before its first step. */
export interface Started {
  readonly version: string
  readonly threads: number
  /** Files mapped into it that compute: libtorch, BLAS, OpenMP, oneDNN. */
  readonly libraries: readonly string[]
}

export interface Block {
  /** Of every step, before its update. */
  readonly losses: readonly number[]
  readonly validLosses: readonly { readonly step: number; readonly loss: number }[]
  readonly seconds: number
  /** Of the whole process. */
  readonly cpuSeconds: number
  /** Pages that the kernel had to give anew: what an allocator that returns memory costs. */
  readonly pageFaults: number
  /** Of libtorch, where it tells: the most within the block, and what is left between two steps. */
  readonly peakBytes?: number
  readonly heldBytes?: number
  /** Of `peakBytes`, what is neither weights nor gradients nor an optimizer's. */
  readonly activationBytes?: number
}

export interface Contender extends AsyncDisposable {
  readonly name: string
  readonly started: Started
  residentMiB(): number
  /** The most that was resident so far. */
  peakMiB(): number
  /** The next `count` steps. */
  steps(count: number): Promise<Block>
}

/** `kept`: glibc gives no memory back, so that large tensors cost no page faults. */
export const allocators: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  glibc: {},
  kept: { MALLOC_MMAP_MAX_: '0', MALLOC_TRIM_THRESHOLD_: String(8 * 1024 ** 3) },
}

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Node.js that runs a TypeScript file of this folder from source. */
export const fromSource = (file: string): readonly string[] => [
  process.execPath,
  ...['--conditions=@hadal/source', '--import', import.meta.resolve('tsx'), here(file)],
]

export function startHadal(folder: string, threads: number, allocator: string): Promise<Contender> {
  return start('hadal', [...fromSource('hadal.ts'), folder], threads, allocator)
}

export function startPyTorch(folder: string, threads: number, allocator: string): Promise<Contender> {
  return startPython('PyTorch', 'decoder.py', folder, threads, allocator)
}

/** The plain script, in fp32 whatever the task says. */
export function startNanoGpt(folder: string, threads: number, allocator: string): Promise<Contender> {
  return startPython('nanoGPT', 'nanogpt.py', folder, threads, allocator)
}

function startPython(
  name: string,
  script: string,
  folder: string,
  threads: number,
  allocator: string,
): Promise<Contender> {
  const python = ['python3', '/usr/bin/python3'].find(
    (program) => spawnSync(program, ['-c', 'import torch']).status === 0,
  )
  if (python === undefined) throw new Error('no python3 here imports torch: apt-get install python3-torch')
  return start(name, [python, here(script), folder], threads, allocator)
}

/** Throws unless all compute with the same library files; returns their names. */
export function sameLibraries(contenders: readonly Contender[]): string[] {
  // What binds PyTorch to Python is the one thing that has to differ.
  const lists = contenders.map(({ started }) =>
    started.libraries.filter((path) => !/libtorch_(python|global_deps)/.test(path)),
  )
  if (lists.some((list) => String(list) !== String(lists[0])))
    throw new Error(`they do not compute with the same libraries:\n${JSON.stringify(lists, null, 1)}`)
  return lists[0]!.map((path) => basename(path))
}

async function start(
  name: string,
  [program, ...args]: readonly string[],
  threads: number,
  allocator: string,
): Promise<Contender> {
  const env = {
    ...process.env,
    ...allocators[allocator],
    OMP_NUM_THREADS: String(threads),
    NODE_OPTIONS: '',
  }
  const child = spawn(program!, args, { stdio: ['pipe', 'pipe', 'inherit'], env })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async <T>(): Promise<T> => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error(`${name} ended with ${child.exitCode ?? child.signalCode}`)
    return JSON.parse(value as string) as T
  }
  const started = await answer<Started>()
  return {
    name,
    started,
    residentMiB: () => residentMiB(child.pid!),
    peakMiB: () => peakResidentMiB(child.pid!),
    steps: (count) => {
      child.stdin.write(`${count}\n`)
      return answer<Block>()
    },
    [Symbol.asyncDispose]: () => end(child),
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.stdin!.end()
  await once(child, 'exit')
}
