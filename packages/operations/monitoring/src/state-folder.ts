/**
 * A local stack's state folder: files, data and logs, locked by one process, with a record of running programs. Leftovers of a
 * killed process are ended by the next.
 */

import { mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf, processStart } from '@hadal/base'
import type { RenderedFile } from '@hadal/fleet'
import type { Terminal } from '@hadal/output'
import { monitorRunning, monitorStateUnwritable } from './errors.ts'

/** What runs, for `hadal monitor status` and for recovery after a kill. */
export interface Running {
  readonly pid: number
  readonly start: string
  readonly prometheusUrl: string
  readonly alertmanagerUrl: string
  /** Process marks of both programs. */
  readonly programs: readonly ProcessMark[]
}

export interface ProcessMark {
  readonly pid: number
  readonly start: string
}

/** Default: with the state of other programs of this user, one for each service. */
export function stateFolder(given: string | undefined, name: string, { env, folder }: Terminal): string {
  if (given !== undefined) return resolve(folder, given)
  const state = env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state')
  return join(state, 'hadal', 'monitor', name)
}

export class StateFolder implements Disposable {
  readonly path: string
  readonly #left: readonly ProcessMark[]

  /** Throws `monitor_running`, `monitor_state_unwritable`. */
  constructor(path: string) {
    this.path = path
    const holder = readRunning(path)
    if (holder !== undefined && isAlive(holder)) throw monitorRunning(path, holder.pid)
    this.#left = (holder?.programs ?? []).filter(isAlive)
    this.note({ prometheusUrl: '', alertmanagerUrl: '', programs: this.#left })
  }

  /** Ends what a killed one has left, at most ten seconds. Returns how many there were. */
  async endLeftovers(): Promise<number> {
    const left = this.#left
    for (const { pid } of left) signal(pid, 'SIGTERM')
    for (let waited = 0; waited < 8000 && left.some(isAlive); waited += 50) await sleep(50)
    for (const mark of left) if (isAlive(mark)) signal(mark.pid, 'SIGKILL')
    for (let waited = 0; waited < 2000 && left.some(isAlive); waited += 50) await sleep(50)
    return left.length
  }

  /** Throws `monitor_state_unwritable`. */
  write(files: readonly RenderedFile[]): void {
    writeRendered(this.path, files)
  }

  /** Throws `monitor_state_unwritable`. */
  note(running: Omit<Running, 'pid' | 'start'>): void {
    const all: Running = { pid: process.pid, start: processStart(process.pid) ?? '', ...running }
    this.write([{ path: 'running.json', text: JSON.stringify(all) }])
  }

  /** Bytes that this user may still write there; undefined where the system does not say. */
  freeBytes(): number | undefined {
    try {
      const { bavail, bsize } = statfsSync(this.path)
      return bavail * bsize
    } catch {
      return undefined
    }
  }

  [Symbol.dispose](): void {
    rmSync(join(this.path, 'running.json'), { force: true })
  }
}

/** Holder of the folder, alive or not; undefined if there is none. */
export function readRunning(folder: string): Running | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'running.json'), 'utf8')) as Running
  } catch {
    return undefined
  }
}

export const isAlive = ({ pid, start }: ProcessMark): boolean => processStart(pid) === start

/** Throws `monitor_state_unwritable`. */
export function writeRendered(folder: string, files: readonly RenderedFile[]): void {
  try {
    for (const { path, text } of files) {
      const whole = join(folder, path)
      mkdirSync(dirname(whole), { recursive: true })
      writeFileSync(whole, text)
    }
  } catch (error) {
    throw monitorStateUnwritable(folder, messageOf(error)).with({ cause: error })
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended meanwhile.
  }
}
