/**
 * Renders tokens as text for a terminal, with visible token borders and loss masks. Pure. Control characters are escaped, so data
 * cannot move the cursor.
 */

import type { DataTokenizer } from './encode-conversation.ts'
import { visibleText } from './visible-text.ts'
import type { MaskedTokens } from './windows.ts'

export interface PreviewOptions {
  /** Trained tokens in greens, others in greys, special ones bold. Without colour, trained text is in brackets. */
  readonly inColor: boolean
}

/** Tokens that form a character only together (or none). */
interface Cell {
  readonly text: string
  readonly learnt: boolean
  readonly special: boolean
}

const greens = ['32', '92'] as const
const greys = ['90', '37'] as const
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Throws `nn_token_id_invalid`. Line breaks are shown as ↵ and made.
 *
 * @internal
 */
export function previewTokens(
  masked: MaskedTokens,
  tokenizer: Pick<DataTokenizer, 'bytesOf' | 'specialTokens'>,
  { inColor }: PreviewOptions,
): string {
  const cells = cellsOf(masked, tokenizer)
  if (!inColor) return withBrackets(cells)
  return cells
    .map(({ text, learnt, special }, index) => {
      const color = (learnt ? greens : greys)[index % 2]!
      return paint(text, special ? `1;${color}` : color)
    })
    .join('')
}

/** Lines are painted one by one, so that a pager may cut between them. */
const paint = (text: string, codes: string): string =>
  text
    .split('\n')
    .map((line) => (line === '' ? '' : `\u001b[${codes}m${line}\u001b[0m`))
    .join('\n')

function withBrackets(cells: readonly Cell[]): string {
  let text = ''
  let learnt = false
  for (const cell of cells) {
    if (cell.learnt !== learnt) text += cell.learnt ? '⟦' : '⟧'
    learnt = cell.learnt
    text += cell.text
  }
  return learnt ? `${text}⟧` : text
}

function cellsOf(
  { tokens, learn }: MaskedTokens,
  tokenizer: Pick<DataTokenizer, 'bytesOf' | 'specialTokens'>,
): Cell[] {
  const specials = new Set(tokenizer.specialTokens.values())
  const cells: Cell[] = []
  for (let at = 0; at < tokens.length; ) {
    const learnt = learn[at] === true
    let bytes: readonly number[] = []
    let text: string | undefined
    let end = at
    // A character has at most four bytes.
    while (text === undefined && end < tokens.length && end < at + 4 && (learn[end] === true) === learnt) {
      bytes = [...bytes, ...tokenizer.bytesOf(tokens[end]!)]
      text = decoded(bytes)
      end += 1
    }
    if (text === undefined) {
      end = at + 1
      text = tokenBytes(tokenizer.bytesOf(tokens[at]!))
    }
    cells.push({ text, learnt, special: end === at + 1 && specials.has(tokens[at]!) })
    at = end
  }
  return cells
}

function decoded(bytes: readonly number[]): string | undefined {
  try {
    return visibleText(utf8.decode(Uint8Array.from(bytes)))
  } catch {
    return undefined
  }
}

/** ASCII unchanged, other bytes as `\xNN`. */
const tokenBytes = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) =>
    byte < 0x80 ? visibleText(String.fromCharCode(byte)) : `\\x${byte.toString(16).padStart(2, '0')}`,
  ).join('')
