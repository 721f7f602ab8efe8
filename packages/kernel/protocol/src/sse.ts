/**
 * Server-sent events: formatting, and a decoder for a body that arrives in arbitrary pieces
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 */

/**
 * The end of a stream in OpenAI's API.
 *
 * @example
 * ```ts
 * import { SseDecoder, sseDone } from '@hadal/protocol'
 *
 * new SseDecoder().push(sseDone).map(({ data }) => data) // → [ '[DONE]' ]
 * ```
 */
export const sseDone = 'data: [DONE]\n\n'

/**
 * Formats one event. Line breaks in `data` become `\n`.
 *
 * @example
 * ```ts
 * import { sseEvent } from '@hadal/protocol'
 *
 * sseEvent('{"a":1}', 'message_start') // → 'event: message_start\ndata: {"a":1}\n\n'
 * ```
 */
export function sseEvent(data: string, event?: string): string {
  const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`)
  return `${event === undefined ? '' : `event: ${event}\n`}${lines.join('')}\n`
}

/**
 * Formats a value as JSON, which contains no raw line breaks.
 *
 * @example
 * ```ts
 * import { sseJson } from '@hadal/protocol'
 *
 * sseJson({ a: 1 }) // → 'data: {"a":1}\n\n'
 * ```
 */
export const sseJson = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`

export interface SseEvent {
  /** `message` if the stream names none. */
  readonly event: string
  readonly data: string
}

/**
 * Push decoded text as it arrives; returns the completed events.
 *
 * @example
 * ```ts
 * import { SseDecoder } from '@hadal/protocol'
 *
 * const decoder = new SseDecoder()
 * decoder.push('data: {"a"') // → []
 * decoder.push(':1}\n\n').map(({ data }) => data) // → [ '{"a":1}' ]
 * ```
 */
export class SseDecoder {
  #pending = ''
  #atStart = true
  #event = ''
  #data: string[] = []
  readonly #onComment: ((text: string) => void) | undefined

  /**
   * `onComment` is called for lines that start with a colon, such as keep-alives, with the text after it, without the first
   * space.
   */
  constructor(onComment?: (text: string) => void) {
    this.#onComment = onComment
  }

  push(text: string): SseEvent[] {
    this.#pending += text
    if (this.#atStart && this.#pending !== '') {
      this.#atStart = false
      if (this.#pending.startsWith('\uFEFF')) this.#pending = this.#pending.slice(1)
    }
    const events: SseEvent[] = []
    // A lone \r at the very end may be the first half of \r\n: wait for the next piece.
    const breaks = /\r\n|\n|\r(?!$)/g
    let from = 0
    for (let match = breaks.exec(this.#pending); match !== null; match = breaks.exec(this.#pending)) {
      const event = this.#line(this.#pending.slice(from, match.index))
      from = breaks.lastIndex
      if (event !== undefined) events.push(event)
    }
    this.#pending = this.#pending.slice(from)
    return events
  }

  #line(line: string): SseEvent | undefined {
    if (line === '') return this.#dispatch()
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (colon === 0) this.#onComment?.(value)
    if (field === 'data') this.#data.push(value)
    if (field === 'event') this.#event = value
    return undefined
  }

  #dispatch(): SseEvent | undefined {
    const event = { event: this.#event || 'message', data: this.#data.join('\n') }
    const hasData = this.#data.length > 0
    this.#event = ''
    this.#data = []
    return hasData ? event : undefined
  }
}
