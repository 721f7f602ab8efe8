/** `hadal serve` as a process of its own, on a free port. */

import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

export interface ServeProcess {
  readonly process: ChildProcess
  /** Without the version: `http://127.0.0.1:40001`. */
  readonly url: string
}

/** From source, so that it needs no build. Resolves when it says where it is; rejects with all that it said where it ends before. */
export async function serveProcess(...args: readonly string[]): Promise<ServeProcess> {
  const program = join(import.meta.dirname, 'hadal-program.ts')
  const flags = ['--conditions=@hadal/source', '--import', import.meta.resolve('tsx')]
  const hadal = spawn(process.execPath, [...flags, program, 'serve', '--port', '0', ...args], {
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [hadal.stdout, hadal.stderr])
      stream.on('data', (text: Buffer) => {
        said += text
        const found = /(http:\/\/127\.0\.0\.1:\d+)\/v1\b/.exec(said)
        if (found !== null) resolve(found[1]!)
      })
    hadal.on('exit', () => reject(new Error(said)))
  })
  return { process: hadal, url }
}
