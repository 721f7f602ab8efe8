/** One rank as a process: started, heard, looked at and ended. Judges nothing. */

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
  /** Of node: flags, program, arguments. */
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
   * `onChange` is called whenever it said something or ended; `onOpen` with the run's folder. One that the system does not start throws
   * `train_rank_unstarted`, or ends with it.
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
      // Asked of the system for those alone that are silent.
      get isSuspended() {
        return end === undefined && isSuspended(pid)
      },
      end,
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** It and what it started, without asking. Resolves when nothing is left of it. */
  async end(): Promise<void> {
    if (this.#end === undefined) this.#killGroup()
    await this.#ended
  }

  /** Not later: the number of one that has ended may become another's. */
  #killGroup(): void {
    const { pid } = this.#child
    if (pid === undefined) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // Nobody is left.
    }
  }

  #hear(told: RankReport, onOpen: (folder: string) => void): void {
    this.#heardMillis = Date.now()
    if (told.about === 'opened') {
      this.timeoutMillis = 1000 * told.timeoutSeconds
      this.#openedMillis = this.#heardMillis
      onOpen(told.folder)
    } else if (told.about === 'beat') {
      this.#step = told.step
      this.#isWatched = told.doing === 'training'
    } else if (told.about === 'failed') this.error = told.error
    else this.#isDone = true
  }

  async #untilRefused(): Promise<void> {
    const [cause] = (await once(this.#child, 'error')) as [unknown]
    this.error = rankUnstarted(this.rank, messageOf(cause)).toWire()
    const { code: errorCode } = this.error
    this.#end = { atMillis: Date.now(), code: 1, signal: null, isProper: false, errorCode }
  }

  /** What it said last is heard and read by then, unless something it started keeps its output open. */
  async #untilEnd(): Promise<void> {
    const said = Promise.all([once(this.#child, 'close'), once(this.#child, 'disconnect')])
    const [code, signal] = (await once(this.#child, 'exit')) as [number | null, NodeJS.Signals | null]
    await Promise.race([said, setTimeout(lastWordsMillis, undefined, { ref: false })])
    const isProper = code === 0 || this.#isDone
    if (!isProper) this.#killGroup()
    this.#end = { atMillis: Date.now(), code, signal, isProper, errorCode: this.error?.code }
  }
}

/** Throws `train_rank_unstarted` for what the system says at once; the rest of it is the child's 'error'. */
function start(rank: number, { args, env, folder, hasTerminal }: RankProgram): ChildProcess {
  const stdio: StdioOptions = hasTerminal
    ? ['inherit', 'inherit', 'inherit', 'ipc']
    : ['ignore', 'pipe', 'pipe', 'ipc']
  try {
    // A group of its own: Ctrl-C reaches the launcher alone, which tells all; and it ends with what it started.
    return spawn(process.execPath, args, { cwd: folder, env, detached: true, stdio })
  } catch (thrown) {
    throw rankUnstarted(rank, messageOf(thrown))
  }
}

/** As the system says; where it says nothing, nobody is. */
function isSuspended(pid: number | undefined): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat[stat.lastIndexOf(')') + 2] === 'T'
  } catch {
    return false
  }
}
