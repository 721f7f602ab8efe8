/** One rank as a child process: starts, monitors and ends it. Makes no decisions. */

import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { type HadalErrorFields, messageOf } from '@hadal/base'
import { rankUnstarted } from './errors.ts'
import type { RankEnd, RankState } from './judge-ranks.ts'
import type { RankOutput } from './rank-output.ts'
import type { RankReport } from './rank-report.ts'

export interface RankProgram {
  /** Node arguments: flags, program, arguments. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly folder: string
  /** Its output is the launcher's. */
  readonly hasTerminal: boolean
}

const lastWordsMillis = 200

export class RankProcess {
  readonly rank: number
  readonly output: RankOutput
  /** How long it may be silent; known once it has loaded the recipe. */
  timeoutMillis: number | undefined
  error: (HadalErrorFields & { readonly message: string }) | undefined
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  #step: number | undefined
  #isWatched = false
  #openedMillis: number | undefined
  #isDone = false
  #heardMillis: number = Date.now()
  #end: RankEnd | undefined

  /**
   * `onChange` is called on every report and on exit; `onOpen` with the run's folder. If the process cannot be started this throws
   * `train_rank_unstarted`, or the rank ends with it.
   */
  constructor(
    rank: number,
    program: RankProgram,
    output: RankOutput,
    onChange: () => void,
    onOpen: (folder: string) => void,
  ) {
    this.rank = rank
    this.output = output
    this.#child = start(rank, program)
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => output.write(text))
    this.#child.on('message', (message) => {
      this.#hear(message as RankReport, onOpen)
      onChange()
    })
    const ended = this.#child.pid === undefined ? this.#untilRefused() : this.#untilEnd()
    this.#ended = ended.then(onChange)
  }

  get state(): RankState {
    const end = this.#end
    const { pid } = this.#child
    return {
      rank: this.rank,
      step: this.#step,
      heardMillis: this.#heardMillis,
      openedMillis: this.#openedMillis,
      isWatched: this.#isWatched,
      // Only queried for silent ranks.
      get isSuspended() {
        return end === undefined && isSuspended(pid)
      },
      end,
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Kills it and its descendants. Resolves when none are left. */
  async end(): Promise<void> {
    if (this.#end === undefined) this.#killGroup()
    await this.#ended
  }

  /** Not after its exit: the PID may be reused. */
  #killGroup(): void {
    const { pid } = this.#child
    if (pid === undefined) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // None left.
    }
  }

  #hear(reported: RankReport, onOpen: (folder: string) => void): void {
    this.#heardMillis = Date.now()
    if (reported.about === 'opened') {
      this.timeoutMillis = 1000 * reported.timeoutSeconds
      this.#openedMillis = this.#heardMillis
      onOpen(reported.folder)
    } else if (reported.about === 'beat') {
      this.#step = reported.step
      this.#isWatched = reported.doing === 'training'
    } else if (reported.about === 'failed') this.error = reported.error
    else this.#isDone = true
  }

  async #untilRefused(): Promise<void> {
    const [cause] = (await once(this.#child, 'error')) as [unknown]
    this.error = rankUnstarted(this.rank, messageOf(cause)).toWire()
    const { code: errorCode } = this.error
    this.#end = { atMillis: Date.now(), code: 1, signal: null, isProper: false, errorCode }
  }

  /** Its last output has been read by then, unless a descendant keeps the pipe open. */
  async #untilEnd(): Promise<void> {
    const said = Promise.all([once(this.#child, 'close'), once(this.#child, 'disconnect')])
    const [code, signal] = (await once(this.#child, 'exit')) as [number | null, NodeJS.Signals | null]
    await Promise.race([said, setTimeout(lastWordsMillis, undefined, { ref: false })])
    const isProper = code === 0 || this.#isDone
    if (!isProper) this.#killGroup()
    this.#end = { atMillis: Date.now(), code, signal, isProper, errorCode: this.error?.code }
  }
}

/** Throws `train_rank_unstarted` for immediate system errors; later ones arrive as the child's 'error' event. */
function start(rank: number, { args, env, folder, hasTerminal }: RankProgram): ChildProcess {
  const stdio: StdioOptions = hasTerminal
    ? ['inherit', 'inherit', 'inherit', 'ipc']
    : ['ignore', 'pipe', 'pipe', 'ipc']
  try {
    // A separate process group: Ctrl-C reaches only the launcher, which forwards it; and killing the group includes descendants.
    return spawn(process.execPath, args, { cwd: folder, env, detached: true, stdio })
  } catch (thrown) {
    throw rankUnstarted(rank, messageOf(thrown))
  }
}

/** As reported by the system; false if it does not report it. */
function isSuspended(pid: number | undefined): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat[stat.lastIndexOf(')') + 2] === 'T'
  } catch {
    return false
  }
}
