/** Validates the prompts of a run, which otherwise would fail at an evaluation hours later. */

import { isList } from './is-list.ts'
import type { SampleRequest } from './sample.ts'

/** Returns every issue as a sentence that includes the value. */
export function sampleIssues(request: SampleRequest, vocabularySize: number): string[] {
  if (typeof request !== 'object' || request === null)
    return [
      `evaluate.samples is ${JSON.stringify(request)}; it must be an object with prompts, maxTokens, stop and decode`,
    ]
  const { prompts, maxTokens, stop, decode } = request
  const issues: string[] = []
  if (!isList(prompts)) issues.push('prompts must be a list of lists of token ids')
  else
    prompts.forEach((prompt, index) => {
      if (!isList(prompt) || prompt.length === 0)
        issues.push(`prompts[${index}] is ${isList(prompt) ? 'empty' : 'not a list of token ids'}`)
      else issues.push(...tokenIssues(`prompts[${index}]`, prompt, vocabularySize))
    })
  if (!(Number.isSafeInteger(maxTokens) && maxTokens >= 1))
    issues.push(`maxTokens is ${maxTokens}; it must be a whole number of at least 1`)
  if (!isList(stop)) issues.push('stop must be a list of token ids')
  else issues.push(...tokenIssues('stop', stop, vocabularySize))
  if (typeof decode !== 'function') issues.push('decode must be a function from token ids to text')
  return issues.map((issue) => `evaluate.samples.${issue}`)
}

function tokenIssues(name: string, ids: readonly number[], vocabularySize: number): string[] {
  const wrong = ids.find((id) => !(Number.isSafeInteger(id) && id >= 0 && id < vocabularySize))
  return wrong === undefined
    ? []
    : [`${name} has ${wrong}; a token is a whole number from 0 to below ${vocabularySize}`]
}
