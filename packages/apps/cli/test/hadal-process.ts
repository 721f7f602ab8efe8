/** The built `hadal` command as a process: starts it, waits for output, terminates it. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root: string = join(import.meta.dirname, '../../../..')
export const hadalBin: string = join(root, 'packages/apps/cli/bin/hadal.js')

export interface Outcome {
  readonly code: number | null
  readonly output: string
}

export interface ProcessPlace {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** A command that starts the process, and becomes it: `['prlimit', '--nofile=64']`. */
  readonly under?: readonly string[]
}

export class HadalProcess implements AsyncDisposable {
  readonly child: ChildProcess
  #output = ''

  constructor(args: readonly string[], { cwd, env, under = [] }: ProcessPlace = {}) {
    if (!existsSync(join(root, 'packages/apps/cli/dist'))) throw new Error('build first: npm run build')
    const [program, ...rest] = [...under, process.execPath, hadalBin, ...args] as [string, ...string[]]
    this.child = spawn(program, rest, {
      ...(cwd !== undefined && { cwd }),
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.on('data', (chunk: Buffer) => {
        this.#output += chunk
      })
  }

  /** Everything printed so far, on either stream. */
  get output(): string {
    return this.#output
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  /** Waits until the output matches. Rejects with the output when the process ends first. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#output)
      if (match) return match
      if (this.hasEnded) throw new Error(`hadal ended before it printed ${pattern}:\n${this.#output}`)
      await Promise.race([
        once(this.child.stdout!, 'data'),
        once(this.child.stderr!, 'data'),
        once(this.child, 'close'),
      ])
    }
  }

  async ended(): Promise<Outcome> {
    if (!this.hasEnded) await once(this.child, 'close')
    return { code: this.child.exitCode, output: this.#output }
  }

  /** The engine process: the one child of the server that runs libllama. */
  enginePid(): number {
    const children = readFileSync(`/proc/${this.child.pid}/task/${this.child.pid}/children`, 'utf8')
    const engine = children
      .trim()
      .split(' ')
      .find((pid) => hasLlama(pid))
    if (engine === undefined) throw new Error('no child has loaded libllama')
    return Number(engine)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended()
  }
}

/** Whether a process has loaded libllama. */
export function hasLlama(pid: number | string): boolean {
  try {
    return readFileSync(`/proc/${pid}/maps`, 'utf8').includes('libllama')
  } catch {
    return false
  }
}

/**
 * `hadal serve` on a free port. Resolves when it serves, with its address without the version: `http://127.0.0.1:40001`. One
 * thread: tests share the machine, and threads that wait for each other on a busy one are slow.
 */
export async function serve(...args: string[]): Promise<{ hadal: HadalProcess; url: string }> {
  const hadal = new HadalProcess(['serve', '--port', '0', '--threads', '1', ...args])
  const [, url] = await hadal.printed(/(http:\/\/127\.0\.0\.1:\d+)\/v1\b/)
  return { hadal, url: url! }
}
