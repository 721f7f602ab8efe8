/** llama-server's figures for the events of a response, as they are known by then. Knows no events of a response. */

import type { PromptProgress } from '@hadal/engine'
import type { NativeTimings, ResponseNativeFields, ResponseRequest } from '@hadal/protocol'
import type { ChoiceEvent } from '../generation.ts'
import { timingsOf } from '../llama-server/timings.ts'

type Asked = Pick<ResponseRequest, 'return_progress' | 'timings_per_token'>

export class NativeFigures {
  readonly #asked: Asked
  #progress: PromptProgress | undefined
  #firstTokenAt: number | undefined
  #tokens = 0

  constructor(asked: Asked) {
    this.#asked = asked
  }

  /** Of the last event that comes of this one. */
  after(event: ChoiceEvent): ResponseNativeFields {
    const { return_progress, timings_per_token } = this.#asked
    if (event.type === 'progress') {
      this.#progress = event
      const { promptTokens: total, cachedTokens: cache, computedTokens: processed, millis: time_ms } = event
      return return_progress === true ? { prompt_progress: { total, cache, processed, time_ms } } : {}
    }
    if (timings_per_token !== true) return {}
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
