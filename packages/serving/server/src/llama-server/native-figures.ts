/** llama-server's timings for streams of other APIs, as known so far. */

import type { PromptProgress } from '@hadal/engine'
import type { NativeTimings, ResponseNativeFields } from '@hadal/protocol'
import type { ChoiceEvent } from '../generation.ts'
import { progressOf, timingsOf } from './timings.ts'

interface Requested {
  readonly return_progress?: boolean | undefined
  readonly timings_per_token?: boolean | undefined
}

/** Not requested or not known. */
export const noFigures: ResponseNativeFields = {}

export class NativeFigures {
  readonly #requested: Requested
  #progress: PromptProgress | undefined
  #firstTokenAt: number | undefined
  #tokens = 0

  constructor(requested: Requested) {
    this.#requested = requested
  }

  /** After the last event of this choice. */
  after(event: ChoiceEvent): ResponseNativeFields {
    const { return_progress, timings_per_token } = this.#requested
    if (event.type === 'progress') {
      this.#progress = event
      return return_progress === true ? { prompt_progress: progressOf(event) } : noFigures
    }
    if (timings_per_token !== true) return noFigures
    if (event.type === 'done') return { timings: timingsOf(event.usage, event.timings) }
    if ('tokens' in event && event.type !== 'prompt') this.#tokens += event.tokens.length
    return { timings: this.#timingsSoFar() }
  }

  #timingsSoFar(): NativeTimings {
    const now = performance.now()
    this.#firstTokenAt ??= now
    const { promptTokens = 0, cachedTokens = 0, millis: prefillMillis = 0 } = this.#progress ?? {}
    return timingsOf(
      { promptTokens, cachedTokens, completionTokens: this.#tokens },
      { queueMillis: 0, prefillMillis, decodeMillis: now - this.#firstTokenAt },
    )
  }
}
