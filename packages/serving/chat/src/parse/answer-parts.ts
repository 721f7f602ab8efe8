/**
 * Gathers the parts of an answer, and trims them as clients expect: no white space around reasoning, nor between text and
 * calls. White space at the end of a text is held back until it is known what follows.
 */

import type { OutputPart } from '../conversation.ts'

export class AnswerParts {
  readonly #newId: () => string
  /** Whether a call may follow a text, so that its last white space has to wait. */
  readonly #calls: boolean
  #parts: OutputPart[] = []
  #index = -1
  #kind: 'content' | 'reasoning' = 'content'
  #inCall = false
  #space = ''
  /** White space that begins a text is kept only where the answer begins with it. */
  #trimStart = false

  constructor(newId: () => string, calls: boolean) {
    this.#newId = newId
    this.#calls = calls
  }

  content(text: string): void {
    this.#text('content', text)
  }

  reasoning(text: string): void {
    this.#text('reasoning', text)
  }

  /** The first text goes on with one of this kind: white space that begins it is part of it. */
  goesOn(kind: 'content' | 'reasoning'): void {
    this.#kind = kind
  }

  /** Reasoning is over, or a call: text after it is trimmed. */
  separate(): void {
    this.#space = ''
    this.#trimStart = true
  }

  call(name: string, id: string = this.#newId()): void {
    this.separate()
    this.#index += 1
    this.#inCall = true
    this.#parts.push({ type: 'tool', index: this.#index, id, name })
  }

  /** Of the last call. */
  arguments(text: string): void {
    this.#add({ type: 'arguments', index: this.#index, text })
  }

  /** Nothing but white space came after the last call. */
  get endsInCall(): boolean {
    return this.#inCall
  }

  /** No more text comes. */
  end(): void {
    if (this.#kind === 'content' && this.#space !== '') this.#add({ type: 'content', text: this.#space })
    this.#space = ''
  }

  /** What came since the last time. */
  drain(): readonly OutputPart[] {
    const parts = this.#parts
    this.#parts = []
    return parts
  }

  #text(kind: 'content' | 'reasoning', text: string): void {
    if (kind !== this.#kind) {
      this.#kind = kind
      this.separate()
    }
    const begun = this.#trimStart ? text.trimStart() : text
    if (begun === '') return
    this.#trimStart = false
    this.#inCall = false
    const all = this.#space + begun
    const end = kind === 'reasoning' || this.#calls ? all.trimEnd().length : all.length
    this.#space = all.slice(end)
    if (end > 0) this.#add({ type: kind, text: all.slice(0, end) })
  }

  /** Texts of one kind that come at once are one part. */
  #add(part: Exclude<OutputPart, { type: 'tool' }>): void {
    const last = this.#parts.at(-1)
    if (last?.type === part.type)
      this.#parts[this.#parts.length - 1] = { ...last, text: last.text + part.text }
    else if (part.text !== '') this.#parts.push(part)
  }
}
