/** A program of this folder in a process of its own, which says its address on its first line. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Program extends AsyncDisposable {
  readonly url: string
  readonly child: ChildProcess
}

export async function startProgram(file: string, ...args: readonly string[]): Promise<Program> {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const first = await lines.next()
  if (first.done === true) throw new Error(`${file} ended before it was ready`)
  return {
    url: first.value,
    child,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      // Also one that was stopped.
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}
