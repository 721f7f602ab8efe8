/** One job from start to end: output, progress and result. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type HadalError, type JobExit, JobProcess, type JobProcessOptions, messageOf } from '@hadal/base'
import { redact } from '@hadal/config'
import type { JobDetail, JobEvent, JobKind, JobSummary } from '@hadal/protocol'
import { jobEnded, jobUnreadable } from './errors.ts'
import type { JobContext, JobKindEntry } from './job-kind.ts'
import { errorIn, Latest, latestLines } from './job-log.ts'
import { JobOutput } from './job-output.ts'
import { shownCommand } from './shown-command.ts'

const maxProgress = 5000

type JobEnd = Pick<JobDetail, 'state' | 'endedAt' | 'exitCode' | 'error' | 'result'>

export interface JobOptions extends Pick<JobProcessOptions, 'program' | 'graceMillis' | 'env' | 'folder'> {
  readonly id: string
  readonly kind: JobKind
  readonly entry: JobKindEntry
  readonly options: Readonly<Record<string, unknown>>
  readonly context: Omit<JobContext, 'path'>
  readonly now: () => number
}

export class Job {
  readonly id: string
  readonly kind: JobKind
  /** When it has ended, its result was read, and nothing is left of its files. */
  readonly ended: Promise<void>
  readonly #given: JobOptions
  readonly #command: string
  readonly #startedAt: number
  readonly #lines = latestLines()
  readonly #progress = new Latest<unknown>(maxProgress)
  readonly #listeners = new Set<(event: JobEvent) => void>()
  readonly #process: JobProcess
  #isCancelled = false
  #end: JobEnd = { state: 'running' }

  private constructor(
    given: JobOptions,
    command: string,
    process: JobProcess,
    output: JobOutput,
    files: string,
  ) {
    this.#given = given
    this.id = given.id
    this.kind = given.kind
    this.#command = command
    this.#process = process
    this.#startedAt = given.now()
    output.hear({ onLine: (text) => this.#said(text), onProgress: (value) => this.#measured(value) })
    this.ended = this.#untilEnd(output, files)
  }

  /** Throws errors of its kind, and system errors if the process cannot be started. */
  static async start(given: JobOptions): Promise<Job> {
    const files = await mkdtemp(join(tmpdir(), `hadal-job-${given.kind}-`))
    try {
      const command = given.entry.command(given.options, {
        ...given.context,
        path: (name) => join(files, name),
      })
      for (const [name, text] of Object.entries(command.files ?? {})) await writeFile(join(files, name), text)
      const output = new JobOutput(given.entry, command, files)
      const { args, input } = command
      const { onOutput, onNote } = output
      const process = await JobProcess.start({ ...given, args, input, onOutput, onNote })
      return new Job(given, shownCommand(args, files), process, output, files)
    } catch (thrown) {
      await rm(files, { recursive: true, force: true })
      throw thrown
    }
  }

  get isRunning(): boolean {
    return this.#end.state === 'running'
  }

  get pid(): number {
    return this.#process.pid
  }

  summary(): JobSummary {
    const { state, exitCode, endedAt, error } = this.#end
    const hidden = this.#given.entry.hiddenOptions ?? []
    const shown = Object.entries(this.#given.options).filter(([name]) => !hidden.includes(name))
    return {
      id: this.id,
      kind: this.kind,
      state,
      command: this.#command,
      options: Object.fromEntries(shown.map(([name, value]) => [name, redact(value)])),
      startedAt: this.#startedAt,
      ...(endedAt !== undefined && { endedAt }),
      ...(exitCode !== undefined && { exitCode }),
      ...(error !== undefined && { error }),
    }
  }

  detail(): JobDetail {
    const { result } = this.#end
    return {
      ...this.summary(),
      lines: this.#lines.all(),
      progress: this.#progress.all(),
      ...(result !== undefined && { result }),
    }
  }

  follow(onEvent: (event: JobEvent) => void): Disposable {
    this.#listeners.add(onEvent)
    return { [Symbol.dispose]: () => void this.#listeners.delete(onEvent) }
  }

  async cancel(): Promise<void> {
    if (this.isRunning) {
      this.#isCancelled = true
      await this.#process.end()
    }
    await this.ended
  }

  #said(text: string): void {
    this.#lines.add(text)
    this.#notify({ type: 'line', text })
  }

  #measured(value: unknown): void {
    this.#progress.add(value)
    this.#notify({ type: 'progress', value })
  }

  #notify(event: JobEvent): void {
    for (const listen of [...this.#listeners]) listen(event)
  }

  async #untilEnd(output: JobOutput, files: string): Promise<void> {
    const exit = await this.#process.ended
    output.end()
    const end = await this.#outcome(exit, output)
    await rm(files, { recursive: true, force: true }).catch(() => {})
    this.#end = end
    this.#notify({ type: 'ended', job: this.detail() })
    this.#listeners.clear()
  }

  async #outcome({ code, signal }: JobExit, output: JobOutput): Promise<JobEnd> {
    const end = { endedAt: this.#given.now(), ...(code !== null && { exitCode: code }) }
    if (this.#isCancelled) return { ...end, state: 'cancelled' }
    if (code === null || !(this.#given.entry.doneCodes ?? [0]).includes(code)) {
      const how = code === null ? `was ended by ${signal}` : `ended with exit code ${code}`
      return { ...end, state: 'failed', error: errorIn(this.#lines.all()) ?? reported(jobEnded(this.kind, how)) }
    }
    try {
      const result = await output.result()
      return { ...end, state: 'done', ...(result !== undefined && { result }) }
    } catch (thrown) {
      return { ...end, state: 'failed', error: reported(jobUnreadable(this.kind, messageOf(thrown))) }
    }
  }
}

const reported = ({ code, message, help }: HadalError): NonNullable<JobSummary['error']> => ({
  code,
  message,
  help,
})
