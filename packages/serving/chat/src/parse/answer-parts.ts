/**
 * Collects the parts of a response and trims white space as clients expect: around reasoning, and between text and calls. Trailing white
 * space is held back until the next part is known.
 */

import type { OutputPart } from '../conversation.ts'

export class AnswerParts {
  readonly #newId: () => string
  /** Whether calls may follow text, so that trailing white space must be held back. */
  readonly #calls: boolean
  #parts: OutputPart[] = []
  #index = -1
  #kind: 'content' | 'reasoning' = 'content'
  #inCall = false
  #space = ''
  /** Leading white space is kept only at the start of the response. */
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

  /** The text continues a part of this kind, so leading white space belongs to it. */
  goesOn(kind: 'content' | 'reasoning'): void {
    this.#kind = kind
  }

  /** After reasoning or a call: following text is trimmed. */
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

  /** Appends to the last call. */
  arguments(text: string): void {
    this.#add({ type: 'arguments', index: this.#index, text })
  }

  /** Only white space followed the last call. */
  get endsInCall(): boolean {
    return this.#inCall
  }

  /** Ends the text. */
  end(): void {
    if (this.#kind === 'content' && this.#space !== '') this.#add({ type: 'content', text: this.#space })
    this.#space = ''
  }

  /** Returns the parts since the last call. */
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

  /** Merges consecutive texts of one kind. */
  #add(part: Exclude<OutputPart, { type: 'tool' }>): void {
    const last = this.#parts.at(-1)
    if (last?.type === part.type)
      this.#parts[this.#parts.length - 1] = { ...last, text: last.text + part.text }
    else if (part.text !== '') this.#parts.push(part)
  }
}
