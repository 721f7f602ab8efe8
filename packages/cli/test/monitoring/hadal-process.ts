/** The `hadal` command from its source, as a process that can be watched and killed. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../hadal-program.ts', import.meta.url))
const flags = ['--conditions=@hadal/source', '--import', import.meta.resolve('tsx')]

export class HadalProcess implements AsyncDisposable {
  readonly child: ChildProcess
  #output = ''

  constructor(args: readonly string[], cwd: string) {
    this.child = spawn(process.execPath, [...flags, program, ...args], {
      cwd,
      env: { ...process.env, NO_COLOR: '1', XDG_STATE_HOME: cwd },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.on('data', (chunk: Buffer) => {
        this.#output += chunk
      })
  }

  /** Everything said so far, on either stream. */
  get output(): string {
    return this.#output
  }

  /** Waits until the output matches. Rejects with the output where the process ends before. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#output)
      if (match) return match
      if (this.#hasEnded) throw new Error(`it ended before it printed ${pattern}:\n${this.#output}`)
      await Promise.race([
        once(this.child.stdout!, 'data'),
        once(this.child.stderr!, 'data'),
        once(this.child, 'close'),
      ])
    }
  }

  /** Its exit code, when it has ended. */
  async ended(): Promise<number | null> {
    if (!this.#hasEnded) await once(this.child, 'close')
    return this.child.exitCode
  }

  get #hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended()
  }
}
