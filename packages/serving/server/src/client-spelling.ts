/**
 * Rewrites an engine's error in the client's terms: the API's field name in the message and as `param`. Each dialect supplies its spelling.
 */

import { HadalError, isHadalError } from '@hadal/base'
import {
  adapterUnknown,
  contextLengthExceeded,
  emptyPrompt,
  invalidGrammar,
  invalidSampling,
  invalidToken,
} from '@hadal/engine'
import type { Generation, Spelling } from './generation.ts'

/** Errors that concern no field are returned unchanged. */
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

/** The field that contains a token id outside the vocabulary. */
function fieldOfToken({ prompts, sequence, engine, spelling }: Generation): string {
  const isForeign = (token: number): boolean => token >= engine.model.vocabularySize
  if (prompts.some((prompt) => Array.isArray(prompt) && prompt.some(isForeign))) return spelling.prompt
  if (sequence.stopTokens?.some(isForeign)) return spelling.stopTokens ?? spelling.prompt
  return spelling.logitBias ?? spelling.prompt
}

/** Messages of `invalid_sampling` begin with the field name. */
function renamed(error: HadalError, spelling: Spelling): HadalError {
  const name = Object.keys(spelling).find((each) => error.message.startsWith(`${each} `))
  if (name === undefined) return error
  const param = spelling[name as keyof Spelling]!
  const reworded = (text: string): string => text.replaceAll(name, param)
  const { message, help, cause } = error
  return new HadalError(reworded(message), { ...error.toJSON(), help: reworded(help), param, cause })
}
