/** The prefix of a prompt as a chain of hashes. Reads the text of any API dialect; uses neither templates nor tokens. */

import { isPlainObject } from '@hadal/base'
import { PrefixHash } from '@hadal/batching'

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
  const chain = new PrefixHash(blockChars, maxBlocks)
  let key: number | undefined
  for (const piece of pieces(body)) {
    chain.add(piece.text)
    if (piece.endsFirstTurn) key ??= chain.value
    if (chain.isFull) break
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
