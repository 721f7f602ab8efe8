/** A prompt's tokens, found the way an engine finds them before it runs one. For counting; knows no dialect. */

import type { Engine, Prompt } from '@hadal/engine'

export async function promptTokens(engine: Engine, prompt: Prompt): Promise<readonly number[]> {
  if (typeof prompt !== 'string' && !('pieces' in prompt)) return prompt
  const pieces = typeof prompt === 'string' ? [prompt] : prompt.pieces
  const each = await Promise.all(
    pieces.map((piece, index) => engine.tokenize(piece, { addSpecial: index === 0, parseSpecial: true })),
  )
  const tokens = each.flat()
  const { bosToken } = engine.model
  // A text that begins with the model's BOS gets no second one.
  const doubled = bosToken !== '' && pieces[0]?.startsWith(bosToken) && tokens[0] === tokens[1]
  return doubled ? tokens.slice(1) : tokens
}
