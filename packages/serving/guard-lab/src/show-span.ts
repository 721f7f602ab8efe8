/**
 * Shows a part of a text with its context on one line, and a line that marks it. Safe for terminals: control and invisible characters are
 * escaped.
 */

import { type Style, visibleLength } from '@hadal/output'

export interface ShownSpan {
  readonly line: string
  /** Printed under `line`: carets and tildes. */
  readonly pointer: string
}

/** A span that is too long is shown with its start and end. */
export function showSpan(
  text: string,
  span: { readonly start: number; readonly end: number },
  columns: number,
  style: Style,
): ShownSpan {
  // A bounded context, so that a 10 MB text is not scanned.
  const before = text.slice(Math.max(0, span.start - columns), span.start)
  const after = text.slice(span.end, span.end + columns)
  const [short, long] = [visibleLength(showAll(before)), visibleLength(showAll(after))]
  // Up to a quarter of the line is context.
  const most = Math.max(columns - short - long, Math.floor(columns * 0.75))
  const part = fit(text.slice(span.start, span.end), Math.max(8, most))
  const room = Math.max(0, columns - visibleLength(part))
  const left = Math.min(short, Math.max(Math.floor(room / 2), room - long))
  const head = keepEnd(showAll(before), left, span.start > before.length)
  const tail = keepStart(showAll(after), room - visibleLength(head), span.end + after.length < text.length)
  const width = visibleLength(part)
  return {
    line: `${head}${style.red(style.bold(part))}${tail}`,
    pointer: `${' '.repeat(visibleLength(head))}${style.red(`^${'~'.repeat(Math.max(0, width - 1))}`)}`,
  }
}

/** On one line, with the middle omitted if it is too long. */
export function fit(text: string, columns: number): string {
  if (text.length <= columns * 2) {
    const whole = showAll(text)
    if (visibleLength(whole) <= columns) return whole
  }
  const half = Math.floor((columns - 3) / 2)
  const head = keepStart(showAll(text.slice(0, columns)), half, false)
  const tail = keepEnd(showAll(text.slice(-columns)), half, false)
  return `${head.replace(/…$/, '')} … ${tail.replace(/^…/, '')}`
}

/** On one line, truncated at the end. */
export const prefix = (text: string, columns: number): string =>
  keepStart(showAll(text.slice(0, columns)), columns, text.length > columns)

function keepStart(shown: string, columns: number, isCut: boolean): string {
  if (visibleLength(shown) <= columns - (isCut ? 1 : 0)) return isCut ? `${shown}…` : shown
  if (columns < 1) return ''
  let [kept, width] = ['', 1]
  for (const character of shown) {
    width += visibleLength(character)
    if (width > columns) break
    kept += character
  }
  return `${kept}…`
}

function keepEnd(shown: string, columns: number, isCut: boolean): string {
  if (visibleLength(shown) <= columns - (isCut ? 1 : 0)) return isCut ? `…${shown}` : shown
  if (columns < 1) return ''
  let [kept, width] = ['', 1]
  for (const character of [...shown].reverse()) {
    width += visibleLength(character)
    if (width > columns) break
    kept = character + kept
  }
  return `…${kept}`
}

/** Escapes every character that is invisible or affects the terminal; line breaks become a symbol. */
export function showAll(text: string): string {
  return text.replace(/\r?\n/g, '⏎').replace(unseen, (character) => {
    const code = character.codePointAt(0)!
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })
}

/** Also lone surrogates, combining marks, which could accumulate, and unusual spaces. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?![ \u3000])\p{Zs}|(?<=\p{M}{2})\p{M}/gu
