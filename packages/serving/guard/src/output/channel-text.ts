/** The text of one channel of an answer as far as it is still needed: what is to be screened next, with enough of what came before. */

/** Characters before the new ones that are screened again: something may begin there. */
export const overlap = 2048

export interface Window {
  readonly text: string
  /** Where it begins in the whole text. */
  readonly offset: number
}

export class ChannelText {
  #kept = ''
  /** Where `#kept` begins. */
  #from = 0
  #screenedTo = 0

  add(text: string): void {
    this.#kept += text
  }

  get length(): number {
    return this.#from + this.#kept.length
  }

  get screenedTo(): number {
    return this.#screenedTo
  }

  /** What has not been screened yet, after what has. */
  window(): Window {
    const offset = Math.max(this.#from, this.#screenedTo - overlap)
    return { text: this.#kept.slice(offset - this.#from), offset }
  }

  /** Up to here; what no later window needs is forgotten, but for what comes after `neededFrom`. */
  screened(to: number, neededFrom: number = to): void {
    this.#screenedTo = Math.max(this.#screenedTo, to)
    const from = Math.max(this.#from, Math.min(this.#screenedTo - overlap, neededFrom))
    this.#kept = this.#kept.slice(from - this.#from)
    this.#from = from
  }
}
