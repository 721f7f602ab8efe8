/**
 * Forks engine processes, and one ahead of time: before anything else of a program is loaded, so that its Node.js and its
 * libraries start beside the program's own. Imports next to nothing for that reason (`@hadal/engine/early`), and is loaded
 * twice where the program itself is one file.
 */

import { type ChildProcess, fork } from 'node:child_process'
import { type ProgramEntry, programEntry } from '@hadal/base'

interface EarlyProcess {
  readonly child: ChildProcess
  readonly forkedAt: number
}

const place = Symbol.for('hadal.early-process')
/** Shared by all copies of this module. */
const shared = globalThis as { [place]?: EarlyProcess | undefined }

/** For the first engine that this program creates. Does not keep the program from ending; it ends with it. */
export function forkEarly(): void {
  try {
    const child = forkEngineProcess()
    shared[place] = { child, forkedAt: performance.now() }
    // Nobody listens yet, and an error that nobody hears would end the program.
    child.on('error', forget)
    child.on('exit', forget)
    setKeepsAlive(child, false)
  } catch {
    // The engine's own attempt will say why.
  }
}

/** One that waited longer than that waited for somebody to ask for a model. */
const longestStartMillis = 2_000

const forget = (): void => {
  shared[place] = undefined
}

export function takeEarlyProcess(): EarlyProcess | undefined {
  const taken = shared[place]
  shared[place] = undefined
  if (taken === undefined) return undefined
  taken.child.off('error', forget).off('exit', forget)
  setKeepsAlive(taken.child, true)
  const now = performance.now()
  return now - taken.forkedAt > longestStartMillis ? { ...taken, forkedAt: now } : taken
}

/** It is not wanted: what is served is no model of llama.cpp's. */
export function dropEarlyProcess(): void {
  takeEarlyProcess()?.child.disconnect()
}

function setKeepsAlive(child: ChildProcess, keeps: boolean): void {
  const how = keeps ? 'ref' : 'unref'
  child[how]()
  child.channel?.[how]()
  // A pipe, which the type does not say.
  ;(child.stderr as unknown as { ref(): void; unref(): void } | null)?.[how]()
}

/** Throws when the system is out of memory or processes. `program`: another than llama.cpp's, which also takes bytes. */
export function forkEngineProcess(program?: ProgramEntry): ChildProcess {
  const { path, execArgv } = program ?? programEntry(import.meta.url, './process/start')
  // Certificates, which Node.js reads before anything else, are for connections, of which the process makes none.
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env
  return fork(path, {
    execArgv: [...execArgv],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    ...(program !== undefined && { serialization: 'advanced' as const }),
    // A backtrace takes half a second to print, and says little without debug symbols.
    env: { ...env, GGML_NO_BACKTRACE: '1' },
  })
}
