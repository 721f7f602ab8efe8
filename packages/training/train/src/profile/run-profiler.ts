/** Profiles some steps of a run and writes a trace, a summary and a page to its folder. No overhead in steps that are not recorded. */

import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '@hadal/base'
import {
  isProfiling,
  markStep,
  memory,
  type ProcessGroup,
  startProfiler,
  stopProfiler,
  takePeakMemory,
} from '@hadal/tensor'
import type { Audience } from '../audience.ts'
import type { StepMemory } from '../memory/step-memory.ts'
import type { Run } from '../run.ts'
import type { Session } from '../session.ts'
import type { Pass } from '../task/pass.ts'
import { nameModules } from './module-ranges.ts'
import { type ProfileOptions, profileDefaults } from './profile-options.ts'
import { type Recorded, writeProfile } from './profile-record.ts'

/** A run's profile folder. */
const profileFolder = (runFolder: string): string => join(runFolder, 'profile')

export class RunProfiler {
  readonly #run: Run
  readonly #session: Session
  readonly #audience: Audience
  readonly #rank: number
  readonly #ranks: number
  readonly #options: ProfileOptions
  readonly #first: number
  #unname: (() => void) | undefined
  #memory: StepMemory | undefined
  #restingBytes = 0
  /** Tokens of each step. */
  readonly #tokens: number[] = []
  #done = false

  /** Undefined if `run` has no profiling options. */
  static of(run: Run, session: Session, audience: Audience, world?: ProcessGroup): RunProfiler | undefined {
    return run.profile && new RunProfiler(run, session, audience, world)
  }

  constructor(run: Run, session: Session, audience: Audience, world: ProcessGroup | undefined) {
    this.#run = run
    this.#session = session
    this.#audience = audience
    this.#rank = world?.rank ?? 0
    this.#ranks = world?.size ?? 1
    this.#options = { ...profileDefaults, ...run.profile }
    this.#first = session.step + this.#options.afterSteps + 1
  }

  /** A step begins, the one before has ended. */
  async begins(step: number): Promise<void> {
    if (this.#done || step < this.#first) return
    if (this.#unname && this.#tokens.length >= this.#options.steps) {
      await this.ends()
      return
    }
    if (!this.#unname) this.#start()
    markStep(step)
  }

  /** The step that began has been made. */
  made(memory: StepMemory, passes: readonly Pass[]): void {
    if (!this.#unname || this.#done) return
    this.#memory ??= memory
    this.#tokens.push(passes.reduce((sum, pass) => sum + pass.tokens, 0))
  }

  /** Ends the recording and writes it. */
  async ends(): Promise<void> {
    if (this.#done) return
    this.#done = true
    if (!this.#unname) {
      await this.#warn(`no step was left to profile after step ${this.#first - 1}`)
      return
    }
    this.#unname()
    try {
      await this.#write()
    } catch (thrown) {
      await this.#warn(`the profile could not be written: ${messageOf(thrown)}`)
    }
  }

  /** After a failure in the middle of a step nothing is written. */
  [Symbol.dispose](): void {
    if (this.#done) return
    this.#done = true
    this.#unname?.()
    if (!isProfiling()) return
    markStep(undefined)
    stopProfiler()
  }

  #start(): void {
    const { model, task } = this.#session
    const undo = [model.module, ...(task.head ? [task.head] : [])].map(nameModules)
    this.#unname = () => {
      for (const each of undo) each()
    }
    this.#restingBytes = memory().currentBytes
    takePeakMemory()
    startProfiler({ memory: this.#options.memory })
  }

  async #write(): Promise<void> {
    const folder = profileFolder(this.#run.folder)
    mkdirSync(folder, { recursive: true })
    const [rank, ranks] = [this.#rank, this.#ranks]
    const raw = join(folder, `recording-${process.pid}.json`)
    let bytes: Uint8Array
    try {
      markStep(undefined)
      stopProfiler(raw)
      bytes = readFileSync(raw)
    } finally {
      if (isProfiling()) stopProfiler()
      rmSync(raw, { force: true })
    }
    const recorded: Recorded = {
      first: this.#first,
      tokens: this.#tokens,
      memory: this.#memory,
      restingBytes: this.#restingBytes,
      peakBytes: takePeakMemory(),
      withMemory: this.#options.memory,
      rank,
      ranks,
    }
    const { page, sentences, last } = writeProfile(folder, this.#run, bytes, recorded)
    if (rank > 0) return
    await this.#audience.notify({ type: 'profiled', first: this.#first, last, folder, page, advice: sentences })
  }

  async #warn(message: string): Promise<void> {
    await this.#audience.notify({ type: 'warning', message })
  }
}
