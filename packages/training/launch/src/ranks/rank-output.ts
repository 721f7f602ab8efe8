/** Captures a rank's output: into a file in the run's folder once that is known, with the last lines kept for error reports. */

import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const keptCharacters = 64 * 1024

export class RankOutput {
  #kept = ''
  #path: string | undefined

  get path(): string | undefined {
    return this.#path
  }

  /** Truncates or appends. A file that cannot be written is skipped. */
  openFile(path: string, isFirst: boolean): void {
    this.#path = path
    this.#try(() => {
      mkdirSync(dirname(path), { recursive: true })
      if (isFirst) writeFileSync(path, this.#kept)
      else appendFileSync(path, `\n--- restarted ---\n${this.#kept}`)
    })
  }

  write(text: string): void {
    this.#kept = (this.#kept + text).slice(-keptCharacters)
    if (this.#path !== undefined) this.#try(() => appendFileSync(this.#path!, text))
  }

  lastLines(count: number): string[] {
    const lines = this.#kept.trimEnd().split('\n')
    return lines.slice(-count).filter((line, index) => line !== '' || index > 0)
  }

  #try(body: () => void): void {
    try {
      body()
    } catch {
      this.#path = undefined
    }
  }
}

/** Removes logs of ranks from an earlier, larger start. */
export function removeStaleLogs(folder: string, ranks: number): void {
  try {
    for (const name of readdirSync(folder)) {
      const rank = /^(\d+)\.log$/.exec(name)?.[1]
      if (rank !== undefined && Number(rank) >= ranks) rmSync(join(folder, name))
    }
  } catch {
    // There are none, or they have to stay.
  }
}
