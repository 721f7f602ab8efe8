/** Finds the likely mistake where a YAML parser only reports where it stopped. */

import type { Document, LineCounter } from 'yaml'

type Slip = readonly [line: number, reason: string, fix: string]

/** Anywhere in a document that cannot be read: what no YAML has. `first` is the line that it starts at. */
export function slipIn(own: string, first: number): Slip | undefined {
  const lines = own.split('\n')
  const conflict = lines.findIndex((line) => /^(<{7}|>{7}|\|{7})( |\r?$)/.test(line))
  if (conflict === -1) return undefined
  return [
    first + conflict,
    'the marks of an unfinished merge stand here',
    'Keep one of the two sides, and delete the lines that begin with <<<<<<<, ======= and >>>>>>>.',
  ]
}

/** At the place where the parser stopped, or a line before it. */
export function slipAt(error: Document['errors'][number], counter: LineCounter, text: string): Slip {
  const line = counter.linePos(error.pos[0]).line
  const said = text.split('\n', line)[line - 1] ?? ''
  if (/^\s*\t/.test(said))
    return [line, 'a tab stands in the indentation', 'Indent with spaces: YAML allows no tabs there.']
  if (/^\s*[\u00A0\u2000-\u200B\u3000]/.test(said))
    return [
      line,
      'a space that is none (such as U+00A0) stands in the indentation',
      'Write it again with plain spaces: such ones come from web pages and word processors.',
    ]
  if (error.code === 'BAD_ALIAS' || /^Alias /.test(error.message))
    return [line, 'a value that begins with * is an alias to YAML', 'Put it in quotes: "* * * * *".']
  const reason = error.message.replace(/\s+/g, ' ')
  if (/call stack/.test(reason)) return [line, 'brackets are nested too deep', 'Nest it less deep.']
  const hint =
    error.code === 'BLOCK_AS_IMPLICIT_KEY' || /compact mappings/.test(reason)
      ? 'Quote the value if it holds a colon and a space; else indent this line as those beside it.'
      : error.code === 'MULTILINE_IMPLICIT_KEY'
        ? 'A colon is missing, or the lines of a block (|, >) must be indented more than their key.'
        : 'Compare the indentation of this line with those above it, and the quotes and brackets before it.'
  return [line, reason, hint]
}
