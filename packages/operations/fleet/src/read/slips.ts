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
    'the file contains merge conflict markers',
    'Keep one side, and delete the lines that start with <<<<<<<, ======= and >>>>>>>.',
  ]
}

/** At the place where the parser stopped, or a line before it. */
export function slipAt(error: Document['errors'][number], counter: LineCounter, text: string): Slip {
  const line = counter.linePos(error.pos[0]).line
  const said = text.split('\n', line)[line - 1] ?? ''
  if (/^\s*\t/.test(said))
    return [line, 'the indentation contains a tab', 'Indent with spaces: YAML does not allow tabs.']
  if (/^\s*[\u00A0\u2000-\u200B\u3000]/.test(said))
    return [
      line,
      'the indentation contains a non-standard space (such as U+00A0)',
      'Replace it with plain spaces: such spaces come from web pages and word processors.',
    ]
  if (error.code === 'BAD_ALIAS' || /^Alias /.test(error.message))
    return [line, 'YAML parses a value that starts with * as an alias', 'Quote it: "* * * * *".']
  const reason = error.message.replace(/\s+/g, ' ')
  if (/call stack/.test(reason)) return [line, 'brackets are nested too deep', 'Reduce the nesting.']
  const hint =
    error.code === 'BLOCK_AS_IMPLICIT_KEY' || /compact mappings/.test(reason)
      ? 'Quote the value if it contains a colon and a space; otherwise align this line with its siblings.'
      : error.code === 'MULTILINE_IMPLICIT_KEY'
        ? 'A colon is missing, or the lines of a block (|, >) must be indented more than their key.'
        : 'Check the indentation against the lines above, and the quotes and brackets before this line.'
  return [line, reason, hint]
}
