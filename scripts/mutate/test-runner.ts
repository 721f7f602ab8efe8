/** Runs one test file at a time in `vitest-process.ts`, which is replaced when a run takes too long. */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export interface TestRequest {
  /** Absolute path of a test file. */
  readonly test: string
  /** A source to replace, and by what. */
  readonly mutated?: { readonly path: string; readonly text: string }
}

export interface TestResponse {
  readonly passes: boolean
  readonly millis: number
  /** The first failure; empty where there is none. */
  readonly error: string
}

export class TestRunner implements AsyncDisposable {
  #child: ChildProcess | undefined

  /** Resolves to `undefined` after `timeoutMillis`. A process that dies counts as a failure. */
  async run(request: TestRequest, timeoutMillis: number): Promise<TestResponse | undefined> {
    this.#child ??= await started()
    const child = this.#child
    const over = new AbortController()
    const { signal } = over
    child.send(request)
    try {
      const first = await Promise.race([
        once(child, 'message', { signal }).then(([response]) => response as TestResponse),
        once(child, 'exit', { signal }).then(([code]) => exited(code)),
        sleep(timeoutMillis, undefined, { signal }),
      ])
      if (first === undefined || child.exitCode !== null) await this.#end()
      return first
    } finally {
      over.abort()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end()
  }

  async #end(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
}

const exited = (code: unknown): TestResponse => ({
  passes: false,
  millis: 0,
  error: `the test process exited with ${code}`,
})

async function started(): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL('vitest-process.ts', import.meta.url)), {
    execArgv: [...process.execArgv, '--max-old-space-size=2048'],
  })
  const [ready] = await Promise.race([once(child, 'message'), once(child, 'exit')])
  if (ready !== 'ready') throw new Error(`the test process exited with ${ready} before its first test`)
  return child
}
