/** A prompt of llama-server's, in its many shapes, to the tokens of each sequence. Knows no other field. */

import type { Engine } from '@hadal/engine'
import type { NativeSequence } from '@hadal/protocol'
import { unsupportedParameter } from '../errors.ts'

/** Text gets the model's BOS where it begins a sequence; special tokens in it are read as such. */
export async function sequenceTokens(engine: Engine, sequence: NativeSequence): Promise<readonly number[]> {
  const parts = partsOf(sequence)
  if (parts.every((part) => typeof part === 'number')) return parts
  const tokens: number[] = []
  for (const [index, part] of parts.entries()) {
    if (typeof part === 'number') tokens.push(part)
    else {
      const read = await engine.tokenize(part, { addSpecial: index === 0, parseSpecial: true })
      for (const token of read) tokens.push(token)
    }
  }
  return tokens
}

/** What the client wrote, for those who read it. */
export const writtenTexts = (sequence: NativeSequence): string[] =>
  partsOf(sequence).filter((part) => typeof part === 'string')

function partsOf(sequence: NativeSequence): readonly (number | string)[] {
  if (typeof sequence === 'string') return [sequence]
  if (!('prompt_string' in sequence)) return sequence
  const { prompt_string: text, multimodal_data: media } = sequence
  if (media === undefined || media === null || (Array.isArray(media) && media.length === 0)) return [text]
  throw unsupportedParameter('prompt', 'a picture or sound in it').with({ param: 'prompt' })
}
