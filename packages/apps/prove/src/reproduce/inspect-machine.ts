/** Describes the test machine: processor, memory, versions, libtorch, GPUs, and Hadal's commit when run from a checkout. */

import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Terminal } from '@hadal/output'
import { runCommand } from '@hadal/output'
import { gpusOf, probeLibtorch } from '@hadal/probes'
import type { ProveMachine } from '../report/prove-report.ts'

const maxMillis = 10_000
/** Claims are not to be left out because something else makes the machine slow. */
const libtorchMillis = 60_000

export async function inspectMachine(
  terminal: Pick<Terminal, 'env'>,
  signal: AbortSignal,
): Promise<ProveMachine> {
  const [libtorch, gpus] = await Promise.all([readLibtorch(terminal, signal), readGpus(terminal, signal)])
  return {
    cpu: cpus()[0]?.model.trim() || 'a processor that does not say its name',
    threads: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
    libtorch,
    gpus,
  }
}

async function readLibtorch(
  terminal: Pick<Terminal, 'env'>,
  signal: AbortSignal,
): Promise<ProveMachine['libtorch']> {
  const found = (await probeLibtorch(terminal, libtorchMillis)(signal)) as
    | { readonly version: string; readonly blas: string; readonly cuda: boolean }
    | { readonly fault: string; readonly help?: string }
  if ('fault' in found) return { fault: found.fault, help: found.help ?? '' }
  return { version: found.version, blas: found.blas, cuda: found.cuda }
}

async function readGpus({ env }: Pick<Terminal, 'env'>, signal: AbortSignal): Promise<string[]> {
  const query = ['nvidia-smi', '--query-gpu=index,name', '--format=csv,noheader']
  const reading = await runCommand(query, { limitMillis: maxMillis, env, signal })
  return 'failed' in reading ? [] : gpusOf(reading.text).map(({ name }) => name)
}

/** Short, and with `+` where files are not as they were committed. Undefined where Hadal was installed rather than checked out. */
export async function commitOf(
  { env }: Pick<Terminal, 'env'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const folder = dirname(fileURLToPath(import.meta.url))
  // The repository of a project that depends on Hadal, not Hadal's.
  if (/[\\/]node_modules[\\/]/.test(folder)) return undefined
  const git = (...args: string[]) =>
    runCommand(['git', '-C', folder, ...args], { limitMillis: maxMillis, env, signal })
  const [head, changes] = await Promise.all([
    git('rev-parse', '--short', 'HEAD'),
    git('status', '--porcelain', '--untracked-files=no'),
  ])
  if ('failed' in head || 'failed' in changes) return undefined
  return `${head.text.trim()}${changes.text.trim() === '' ? '' : '+'}`
}
