/** The output of one rank: into a file in the run's folder once that is known, and its end kept for who wants to know what was last. */

import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

const keptCharacters = 64 * 1024

export class RankOutput {
  #kept = ''
  #path: string | undefined

  get path(): string | undefined {
    return this.#path
  }

  /** From the beginning, or behind what is there. A file that cannot be written is done without. */
  openFile(path: string, isFirst: boolean): void {
    this.#path = path
    this.#try(() => {
      mkdirSync(dirname(path), { recursive: true })
      if (isFirst) writeFileSync(path, this.#kept)
      else appendFileSync(path, `\n--- started again ---\n${this.#kept}`)
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
