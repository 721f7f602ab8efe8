/** Converts llama-server's prompt formats to tokens per sequence. */

import type { Engine } from '@hadal/engine'
import type { NativeSequence } from '@hadal/protocol'
import { refuse } from '../field-issues.ts'

/** Adds the model's BOS to text at the start of a sequence; special tokens in the text are parsed. */
export function sequenceTokens(engine: Engine, sequence: NativeSequence): Promise<readonly number[]> {
  return mixedTokens(engine, partsOf(sequence), { addSpecial: true, parseSpecial: true })
}

/** Mixed texts and tokens. `addSpecial` applies to a leading text. */
export async function mixedTokens(
  engine: Engine,
  mixed: string | readonly (number | string)[],
  { addSpecial = false, parseSpecial }: { readonly addSpecial?: boolean; readonly parseSpecial: boolean },
): Promise<readonly number[]> {
  const parts = typeof mixed === 'string' ? [mixed] : mixed
  if (parts.every((part) => typeof part === 'number')) return parts
  const tokens: number[] = []
  for (const [index, part] of parts.entries()) {
    if (typeof part === 'number') tokens.push(part)
    else {
      const read = await engine.tokenize(part, { addSpecial: addSpecial && index === 0, parseSpecial })
      for (const token of read) tokens.push(token)
    }
  }
  return tokens
}

/** The client's texts, for screening. */
export const writtenTexts = (sequence: NativeSequence): string[] =>
  partsOf(sequence).filter((part) => typeof part === 'string')

function partsOf(sequence: NativeSequence): readonly (number | string)[] {
  if (typeof sequence === 'string') return [sequence]
  if (!('prompt_string' in sequence)) return sequence
  const { prompt_string: text, multimodal_data: media } = sequence
  if (media === undefined || media === null || (Array.isArray(media) && media.length === 0)) return [text]
  return refuse('prompt', 'a picture or sound in it')
}
