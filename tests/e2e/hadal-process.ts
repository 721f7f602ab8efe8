/** Runs the built `hadal` command as a user would, for the tests: starts it, reads its address, ends it. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const bin = join(root, 'packages/cli/bin/hadal.js')

export interface Outcome {
  readonly code: number | null
  readonly output: string
}

export class HadalProcess implements AsyncDisposable {
  readonly child: ChildProcess
  #output = ''

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    if (!existsSync(join(root, 'packages/cli/dist'))) throw new Error('build first: npm run build')
    this.child = spawn(process.execPath, [bin, ...args], {
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

  /** Waits until the output matches; rejects with the output when the process ends first. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#output)
      if (match) return match
      if (this.child.exitCode !== null || this.child.signalCode !== null)
        throw new Error(`hadal ended before it printed ${pattern}:\n${this.#output}`)
      await Promise.race([
        once(this.child.stdout!, 'data'),
        once(this.child.stderr!, 'data'),
        once(this.child, 'close'),
      ])
    }
  }

  async ended(): Promise<Outcome> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close')
    return { code: this.child.exitCode, output: this.#output }
  }

  /** The engine process: the one child of the server that runs libllama. */
  enginePid(): number {
    const children = readFileSync(`/proc/${this.child.pid}/task/${this.child.pid}/children`, 'utf8')
    const engine = children
      .trim()
      .split(' ')
      .find((pid) => readFileSync(`/proc/${pid}/maps`, 'utf8').includes('libllama'))
    if (engine === undefined) throw new Error('no child has loaded libllama')
    return Number(engine)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended()
  }
}

/** `hadal serve` on a free port; resolves when it serves. One thread: tests share the machine, and threads that wait for each other on a busy one crawl. */
export async function serve(...args: string[]): Promise<{ hadal: HadalProcess; url: string }> {
  const hadal = new HadalProcess(['serve', '--port', '0', '--threads', '1', ...args])
  const [, url] = await hadal.printed(/(http:\/\/127\.0\.0\.1:\d+)\/v1\b/)
  return { hadal, url: url! }
}
