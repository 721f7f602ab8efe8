/**
 * Forks engine processes, including one ahead of time: before the program loads anything else, so that Node.js and the
 * libraries of the process start in parallel to the program. Therefore it imports almost nothing (`@hadal/engine/early`), and
 * it is loaded twice if the program is a single file.
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

/** For the first engine that this program creates. Does not keep the program alive, and ends with it. */
export function forkEarly(): void {
  try {
    const child = forkEngineProcess()
    shared[place] = { child, forkedAt: performance.now() }
    // There is no other listener yet, and an unhandled 'error' event would end the program.
    child.on('error', forget)
    child.on('exit', forget)
    setKeepsAlive(child, false)
  } catch {
    // The engine's own attempt will report the reason.
  }
}

/** A longer wait is time until a model was requested, not start time. */
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

/** Not needed: the model is not served by llama.cpp. */
export function dropEarlyProcess(): void {
  takeEarlyProcess()?.child.disconnect()
}

function setKeepsAlive(child: ChildProcess, keeps: boolean): void {
  const how = keeps ? 'ref' : 'unref'
  child[how]()
  child.channel?.[how]()
  // A pipe; the type declaration lacks these methods.
  ;(child.stderr as unknown as { ref(): void; unref(): void } | null)?.[how]()
}

/**
 * Throws if the system is out of memory or processes. `program`: a different program than llama.cpp's; it also accepts bytes.
 */
export function forkEngineProcess(program?: ProgramEntry): ChildProcess {
  const { path, execArgv } = program ?? programEntry(import.meta.url, './process/start')
  // Node.js reads these certificates at start; the process makes no connections.
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env
  return fork(path, {
    execArgv: [...execArgv],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    ...(program !== undefined && { serialization: 'advanced' as const }),
    // Printing a backtrace takes half a second and shows little without debug symbols.
    env: { ...env, GGML_NO_BACKTRACE: '1' },
  })
}
