/** Request parameters for the record. Pure. */

import type { Generation } from '../generation.ts'
import type { Requested, Operation } from './request-record.ts'

export function requestedOf(generation: Generation, route: string): Requested {
  const { id, engine, n, prompts, sequence, texts } = generation
  return {
    operation: operationOf(route),
    model: engine.model.id,
    answerId: id,
    choices: n,
    prompts: prompts.length,
    maxTokens: sequence.maxTokens,
    sampling: sequence.sampling,
    texts,
  }
}

/** OpenTelemetry's operation names. */
export const operationOf = (route: string): Operation =>
  /chat|messages|responses/.test(route) ? 'chat' : 'text_completion'
