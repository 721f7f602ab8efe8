/** Validates the prompts of a run, which otherwise would fail at an evaluation hours later. */

import { isList } from './is-list.ts'
import type { SampleRequest } from './sample.ts'

/** Returns every issue as a sentence that includes the value. */
export function sampleFaults(request: SampleRequest, vocabularySize: number): string[] {
  if (typeof request !== 'object' || request === null)
    return [
      `evaluate.samples is ${JSON.stringify(request)}; it must hold prompts, maxTokens, stop and decode`,
    ]
  const { prompts, maxTokens, stop, decode } = request
  const faults: string[] = []
  if (!isList(prompts)) faults.push('prompts is no list of lists of token ids')
  else
    prompts.forEach((prompt, index) => {
      if (!isList(prompt) || prompt.length === 0)
        faults.push(`prompts[${index}] is ${isList(prompt) ? 'empty' : 'no list of token ids'}`)
      else faults.push(...tokenFaults(`prompts[${index}]`, prompt, vocabularySize))
    })
  if (!(Number.isSafeInteger(maxTokens) && maxTokens >= 1))
    faults.push(`maxTokens is ${maxTokens}; it must be a whole number of at least 1`)
  if (!isList(stop)) faults.push('stop is no list of token ids')
  else faults.push(...tokenFaults('stop', stop, vocabularySize))
  if (typeof decode !== 'function') faults.push('decode is no function from token ids to text')
  return faults.map((fault) => `evaluate.samples.${fault}`)
}

function tokenFaults(name: string, ids: readonly number[], vocabularySize: number): string[] {
  const wrong = ids.find((id) => !(Number.isSafeInteger(id) && id >= 0 && id < vocabularySize))
  return wrong === undefined
    ? []
    : [`${name} has ${wrong}; a token is a whole number from 0 to below ${vocabularySize}`]
}
