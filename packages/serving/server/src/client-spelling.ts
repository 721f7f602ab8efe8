/**
 * What an engine says about a request, in the words of the client that sent it: the field's own name in the text and as
 * `param`. Knows no dialect; each brings its spelling.
 */

import { HadalError, isHadalError } from '@hadal/base'
import {
  adapterUnknown,
  contextLengthExceeded,
  emptyPrompt,
  invalidGrammar,
  invalidSampling,
  invalidToken,
  type SamplingParams,
} from '@hadal/engine'
import type { Generation } from './generation.ts'

/** The engine's name of each field to the client's. */
export type Spelling = Readonly<
  Partial<
    Record<keyof SamplingParams | 'stopTokens' | 'minTokens' | 'grammar' | 'adapters', string | undefined>
  > &
    Record<'prompt' | 'maxTokens' | 'topLogprobs', string>
>

/** Anything that does not concern a field comes back as it is. */
export function inClientsWords(thrown: unknown, generation: Generation): unknown {
  if (!isHadalError(thrown) || thrown.param !== undefined) return thrown
  const { spelling } = generation
  switch (thrown.code) {
    case contextLengthExceeded.spec.code:
    case emptyPrompt.spec.code:
      return thrown.with({ param: spelling.prompt })
    case invalidToken.spec.code:
      return thrown.with({ param: fieldOfToken(generation) })
    case invalidGrammar.spec.code:
      return spelling.grammar === undefined ? thrown : thrown.with({ param: spelling.grammar })
    case adapterUnknown.spec.code:
      return spelling.adapters === undefined ? thrown : thrown.with({ param: spelling.adapters })
    case invalidSampling.spec.code:
      return renamed(thrown, spelling)
    default:
      return thrown
  }
}

/** The field that has a token which is none of the model. */
function fieldOfToken({ prompts, sequence, engine, spelling }: Generation): string {
  const isForeign = (token: number): boolean => token >= engine.model.vocabularySize
  if (prompts.some((prompt) => Array.isArray(prompt) && prompt.some(isForeign))) return spelling.prompt
  if (sequence.stopTokens?.some(isForeign)) return spelling.stopTokens ?? spelling.prompt
  return spelling.logitBias ?? spelling.prompt
}

/** The message of `invalid_sampling` begins with the name. */
function renamed(error: HadalError, spelling: Spelling): HadalError {
  const name = Object.keys(spelling).find((each) => error.message.startsWith(`${each} `))
  if (name === undefined) return error
  const param = spelling[name as keyof Spelling]!
  const reworded = (text: string): string => text.replaceAll(name, param)
  const { message, help, cause } = error
  return new HadalError(reworded(message), { ...error.toJSON(), help: reworded(help), param, cause })
}
