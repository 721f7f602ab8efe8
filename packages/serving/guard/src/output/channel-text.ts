/** Sliding buffer over one channel of the output: the text to screen next, with enough context before it. */

/** Characters of context screened again, because a match may start there. */
export const overlap = 2048

export interface Window {
  readonly text: string
  /** Offset in the whole text. */
  readonly offset: number
}

export class ChannelText {
  #kept = ''
  /** Offset of `#kept`. */
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

  /** Unscreened text, preceded by its context. */
  window(): Window {
    const offset = Math.max(this.#from, this.#screenedTo - overlap)
    return { text: this.#kept.slice(offset - this.#from), offset }
  }

  /** Marks text as screened up to `to`; drops what no later window needs, but keeps everything after `neededFrom`. */
  screened(to: number, neededFrom: number = to): void {
    this.#screenedTo = Math.max(this.#screenedTo, to)
    const from = Math.max(this.#from, Math.min(this.#screenedTo - overlap, neededFrom))
    this.#kept = this.#kept.slice(from - this.#from)
    this.#from = from
  }
}
