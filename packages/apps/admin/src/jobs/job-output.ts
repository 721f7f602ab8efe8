/** Parses process output according to the job kind: lines, progress, result. */

import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobCommand, JobKindEntry } from './job-kind.ts'
import { LineCutter, plainLine } from './job-log.ts'

/** Maximum size of a progress value or result. */
const longestValue = 256 * 1024
const longestResult = 32 * 1024 * 1024

interface Heard {
  readonly onLine: (text: string) => void
  readonly onProgress: (value: unknown) => void
}

/** Buffers output until there is a listener. */
export class JobOutput {
  readonly #entry: JobKindEntry
  readonly #resultFile: string | undefined
  readonly #waiting: ((heard: Heard) => void)[] = []
  readonly #notes: LineCutter
  readonly #out: LineCutter
  #document = ''
  #heard: Heard | undefined

  constructor(entry: JobKindEntry, { resultFile }: JobCommand, files: string) {
    this.#entry = entry
    this.#resultFile = resultFile === undefined ? undefined : join(files, resultFile)
    const line = (text: string): void => this.#notify(({ onLine }) => onLine(plainLine(text)))
    this.#notes = new LineCutter(line)
    const isProgress = entry.output === 'progress'
    this.#out = new LineCutter(
      (text) => {
        const value = isProgress ? asJson(text) : undefined
        if (value === undefined) line(text.slice(0, 2000))
        else this.#notify(({ onProgress }) => onProgress(value))
      },
      isProgress ? longestValue : undefined,
    )
  }

  readonly onNote = (text: string): void => this.#notes.add(text)

  readonly onOutput = (text: string): void => {
    if (this.#entry.output !== 'result') this.#out.add(text)
    else if (this.#document.length <= longestResult) this.#document += text
  }

  hear(heard: Heard): void {
    this.#heard = heard
    for (const notify of this.#waiting.splice(0)) notify(heard)
  }

  end(): void {
    this.#notes.end()
    this.#out.end()
  }

  /** Undefined if there is none. Throws if it is invalid JSON or too long. */
  async result(): Promise<unknown> {
    if (this.#entry.output === 'result') return parsed(this.#document, this.#document.length)
    if (this.#resultFile === undefined) return undefined
    const { size } = await stat(this.#resultFile)
    return parsed(size > longestResult ? '' : await readFile(this.#resultFile, 'utf8'), size)
  }

  #notify(notify: (heard: Heard) => void): void {
    if (this.#heard === undefined) this.#waiting.push(notify)
    else notify(this.#heard)
  }
}

function parsed(text: string, size: number): unknown {
  if (size > longestResult) throw new Error(`its result has ${size} bytes, more than ${longestResult}`)
  return JSON.parse(text)
}

function asJson(text: string): unknown {
  if (!text.startsWith('{')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
