/**
 * What an engine says about a request, in the words of the client that sent it: the field's own name in the text and as
 * `param`. Knows no dialect; each brings its spelling.
 */

import { HadalError, isHadalError } from '@hadal/base'
import {
  contextLengthExceeded,
  emptyPrompt,
  invalidSampling,
  invalidToken,
  type SamplingParams,
} from '@hadal/engine'
import type { Generation } from './generation.ts'

/** The engine's name of each field to the client's. */
export type Spelling = Readonly<
  Partial<Record<keyof SamplingParams, string>> & Record<'prompt' | 'maxTokens' | 'topLogprobs', string>
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
      return thrown.with({
        param: hasForeignToken(generation) ? spelling.prompt : (spelling.logitBias ?? spelling.prompt),
      })
    case invalidSampling.spec.code:
      return renamed(thrown, spelling)
    default:
      return thrown
  }
}

const hasForeignToken = ({ prompts, engine }: Generation): boolean =>
  prompts.some(
    (prompt) => Array.isArray(prompt) && prompt.some((token) => token >= engine.model.vocabularySize),
  )

/** The message of `invalid_sampling` begins with the name. */
function renamed(error: HadalError, spelling: Spelling): HadalError {
  const name = Object.keys(spelling).find((each) => error.message.startsWith(`${each} `))
  if (name === undefined) return error
  const param = spelling[name as keyof Spelling]!
  const reworded = (text: string): string => text.replaceAll(name, param)
  const { message, help, cause } = error
  return new HadalError(reworded(message), { ...error.toJSON(), help: reworded(help), param, cause })
}
