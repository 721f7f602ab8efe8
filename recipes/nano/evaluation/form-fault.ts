// Checks by rules whether a reply is well formed: not whether it is true, nor whether its grammar is right.

import { residueIn } from '../data/residue.ts'
import type { Reply } from './chat-client.ts'

/** What is checked, in this order, in words for the model card. */
export const formFaults = {
  empty: 'says nothing',
  'cut off': 'goes on until the token limit',
  'no ending': 'does not end in `.`, `!`, `?`, a closing quote or bracket, or an emoji',
  residue: 'holds template tokens, role names, doubled blanks or punctuation, or a wrong article',
  loop: 'says a sentence twice, or one to eight words three times in a row',
} as const

export type FormFault = keyof typeof formFaults

/** The first error, or undefined when the reply is well formed. */
export function formFault({ text, ended }: Reply): FormFault | undefined {
  if (text.trim() === '') return 'empty'
  if (!ended) return 'cut off'
  if (!/([.!?]["')]?|\p{Extended_Pictographic}\uFE0F?)$/u.test(text.trimEnd())) return 'no ending'
  if (/<\||\|>|^(system|user|assistant)\b\s*$/m.test(text) || residueIn(text) !== undefined) return 'residue'
  if (loops(text)) return 'loop'
  return undefined
}

function loops(text: string): boolean {
  const sentences = text.split(/(?<=[.!?])\s+/)
  return (
    new Set(sentences).size < sentences.length || /(?<!\S)(\S+(?:\s+\S+){0,7})(?:\s+\1){2}(?!\S)/.test(text)
  )
}
