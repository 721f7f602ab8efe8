/** llama.cpp says why something failed only in its log: kept while a model is opened, silenced afterwards. */

import type { Native } from '../binding.ts'

const errorLevel = 4

export class NativeLog {
  readonly #native: Native
  #text = ''
  #errors = ''

  /** Must be on the thread that calls the library: a log line from another thread would wait for it. */
  constructor(native: Native) {
    this.#native = native
    let level = 0
    const callback = native.logCallback((lineLevel, text) => {
      // Level 5 continues the line before.
      level = lineLevel === 5 ? level : lineLevel
      this.#text += text
      if (level === errorLevel) this.#errors += text
    })
    native.llama.logSet(callback, null)
  }

  /** The first error, without the names of the functions it came through. */
  reason(otherwise: string): string {
    const first = this.#errors.split('\n').find((line) => line.trim() !== '')
    return first?.replace(/^(\w+: )+/, '').replace(/^error loading model: /, '') ?? otherwise
  }

  /** Which of the CPU's kernels were loaded, e.g. `zen4`. */
  get cpuKernels(): string | undefined {
    return /loaded CPU backend from .*ggml-cpu-([\w.]+)\.(?:so|dll|dylib)/.exec(this.#text)?.[1]
  }

  /** Why the weights are not locked in memory, where they should be. */
  get lockFault(): string | undefined {
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
