/** llama.cpp reports failure reasons only in its log: captured while a model is opened, silenced afterwards. */

import type { Native } from '../binding.ts'

const errorLevel = 4

export class NativeLog {
  readonly #native: Native
  #text = ''
  #errors = ''

  /** Must run on the thread that calls the library: log lines of other threads would block on it. */
  constructor(native: Native) {
    this.#native = native
    let level = 0
    const callback = native.logCallback((lineLevel, text) => {
      // Level 5 continues the previous line.
      level = lineLevel === 5 ? level : lineLevel
      this.#text += text
      if (level === errorLevel) this.#errors += text
    })
    native.llama.logSet(callback, null)
  }

  /** The first error, without the names of the functions it passed through. */
  reason(otherwise: string): string {
    const first = this.#errors.split('\n').find((line) => line.trim() !== '')
    return first?.replace(/^(\w+: )+/, '').replace(/^error loading model: /, '') ?? otherwise
  }

  /** The loaded CPU kernels, e.g. `zen4`. */
  get cpuKernels(): string | undefined {
    return /loaded CPU backend from .*ggml-cpu-([\w.]+)\.(?:so|dll|dylib)/.exec(this.#text)?.[1]
  }

  /** Why the weights could not be locked in memory. */
  get lockError(): string | undefined {
    return /failed to mlock [^\n]*: ([^\n]+)|(mlock not supported on this system)/
      .exec(this.#text)
      ?.slice(1)
      .find((reason) => reason !== undefined)
  }

  silence(): void {
    this.#native.llama.logSet(this.#native.silence, null)
    this.#text = ''
  }
}
