/** Prompts of approximately the requested token count, each different from the first word on, so that prefix caching cannot help. */

import type { Random } from '@hadal/batching'

/** Short common words, one token each in most vocabularies. */
const words =
  'time year people way day man thing woman life child world school state family student group country problem hand part place case week company system program question work government number night point home water room mother area money story fact month lot right study book eye job word business issue side kind head house service friend father power hour game line end member law car city community name president team minute idea body information back parent face others level office door health person art war history party result change morning reason research girl guy moment air teacher force education'.split(
    ' ',
  )

/** The server's token count for a prompt of n words: `overheadTokens + tokensPerWord * words`. */
export interface TokenScale {
  readonly tokensPerWord: number
  /** Chat template and text start. */
  readonly overheadTokens: number
}

export const unknownScale: TokenScale = { tokensPerWord: 1, overheadTokens: 0 }

export function drawWords(count: number, random: Random): string {
  return Array.from({ length: count }, () => words[Math.floor(random() * words.length)]!).join(' ')
}

export function drawPrompt(tokens: number, scale: TokenScale, random: Random): string {
  return drawWords(Math.max(1, Math.round((tokens - scale.overheadTokens) / scale.tokensPerWord)), random)
}
