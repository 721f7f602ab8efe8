/**
 * The prefix of a prompt as a chain of hashes, each covering a block of characters and everything before it. Prompts share as
 * many hashes as leading blocks. Reads the text of any API dialect; uses neither templates nor tokens.
 */

import { isPlainObject } from '@hadal/base'

type Fields = Readonly<Record<string, unknown>>

export interface PromptPrefix {
  /** One per whole block, in order. */
  readonly blocks: readonly number[]
  /** For a conversation: covers its first turn, which is the same in all later requests. */
  readonly key: number
}

/** Longer prefixes are compared by their first blocks only. */
const maxBlocks = 128

export function promptPrefix(body: Fields, blockChars: number): PromptPrefix {
  const chain = new Chain(blockChars)
  let key: number | undefined
  for (const piece of pieces(body)) {
    chain.add(piece.text)
    if (piece.endsFirstTurn) key ??= chain.value
    if (chain.blocks.length >= maxBlocks) break
  }
  return { blocks: chain.blocks, key: key ?? chain.value }
}

interface Piece {
  readonly text: string
  readonly endsFirstTurn: boolean
}

function* pieces(body: Fields): Generator<Piece> {
  for (const name of ['tools', 'system', 'instructions'])
    if (body[name] !== undefined && body[name] !== null)
      for (const text of textsOf(body[name])) yield { text, endsFirstTurn: false }
  const turns = body.messages ?? body.input
  if (Array.isArray(turns)) {
    for (const turn of turns) yield* turnPieces(turn)
    return
  }
  for (const text of textsOf(turns ?? body.prompt ?? body.input_prefix ?? body.query ?? ''))
    yield { text, endsFirstTurn: true }
}

function* turnPieces(turn: unknown): Generator<Piece> {
  const fields = isPlainObject(turn) ? turn : { role: 'user', content: turn }
  yield { text: `\n${String(fields.role ?? fields.type ?? '')}:`, endsFirstTurn: false }
  for (const text of textsOf(fields.content ?? '')) yield { text, endsFirstTurn: false }
  if (fields.tool_calls !== undefined) yield { text: JSON.stringify(fields.tool_calls), endsFirstTurn: false }
  yield { text: '', endsFirstTurn: fields.role === 'user' }
}

function* textsOf(content: unknown): Generator<string> {
  if (typeof content === 'string') yield content
  else if (Array.isArray(content)) for (const part of content) yield partText(part)
  else yield JSON.stringify(content) ?? ''
}

/** Images are long strings that must not be copied. */
function partText(part: unknown): string {
  if (typeof part === 'string') return part
  if (typeof part === 'number') return `${part},`
  if (!isPlainObject(part)) return ''
  if (typeof part.text === 'string') return part.text
  const url = isPlainObject(part.image_url) ? part.image_url.url : part.image_url
  return typeof url === 'string' ? url : JSON.stringify(part)
}

/** cyrb53 (https://github.com/bryc/code/blob/master/jshash/experimental/cyrb53.js), read at the end of each block. */
class Chain {
  readonly blocks: number[] = []
  readonly #blockChars: number
  #a = 0xdeadbeef
  #b = 0x41c6ce57
  /** In the incomplete block. */
  #chars = 0

  constructor(blockChars: number) {
    this.#blockChars = blockChars
  }

  get value(): number {
    const [a, b] = [this.#a, this.#b]
    const high = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
    const low = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
    return 4294967296 * (2097151 & low) + (high >>> 0)
  }

  add(text: string): void {
    for (let from = 0; from < text.length && this.blocks.length < maxBlocks; ) {
      const end = Math.min(text.length, from + this.#blockChars - this.#chars)
      this.#mix(text, from, end)
      this.#chars += end - from
      from = end
      if (this.#chars < this.#blockChars) continue
      this.#chars = 0
      this.blocks.push(this.value)
    }
  }

  /** The hot loop over all characters of a prompt: local variables are much faster than fields. */
  #mix(text: string, from: number, end: number): void {
    let [a, b] = [this.#a, this.#b]
    for (let at = from; at < end; at += 1) {
      const code = text.charCodeAt(at)
      a = Math.imul(a ^ code, 2654435761)
      b = Math.imul(b ^ code, 1597334677)
    }
    this.#a = a
    this.#b = b
  }
}

/** For strings other than prompts. */
export function hashOf(text: string): number {
  const chain = new Chain(Number.POSITIVE_INFINITY)
  chain.add(text)
  return chain.value
}
