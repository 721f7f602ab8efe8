/** A request as the process wants it: every default filled in, every value checked. */

import type { GenerateRequest } from '../engine.ts'
import { invalidSampling } from '../errors.ts'
import type { StartSequence } from './messages.ts'
import { resolveSampling } from './sampling.ts'

/** Alternatives a client can be shown for each token. */
const mostLogprobs = 100

/** Throws `invalid_sampling`. */
export function sequenceStart(key: number, request: GenerateRequest): StartSequence {
  const { prompt, maxTokens, stop, topLogprobs, ignoreEos = false } = request
  if (maxTokens !== undefined && !(Number.isInteger(maxTokens) && maxTokens >= 1))
    throw invalidSampling('maxTokens', maxTokens, 'a whole number from 1')
  if (
    topLogprobs !== undefined &&
    !(Number.isInteger(topLogprobs) && topLogprobs >= 0 && topLogprobs <= mostLogprobs)
  )
    throw invalidSampling('topLogprobs', topLogprobs, `a whole number from 0 to ${mostLogprobs}`)
  return {
    key,
    prompt,
    maxTokens: maxTokens ?? null,
    sampling: resolveSampling(request.sampling),
    stop,
    topLogprobs: topLogprobs ?? null,
    ignoreEos,
    owner: request.owner ?? null,
    reusePrefix: request.reusePrefix ?? true,
  }
}
