/** Converts a request for the process: fills in defaults and validates every value. */

import type { GenerateRequest, Grammar, ThinkingLimit } from '../engine.ts'
import { invalidSampling } from '../errors.ts'
import type { StartSequence } from './messages.ts'
import { resolveSampling } from './sampling.ts'

/** Maximum alternatives per token. */
const maxLogprobs = 100
/** Maximum number of grammar triggers or stop strings; each is searched for after every token. */
const maxTexts = 256

/** Everything except its adapters. Throws `invalid_sampling`. */
export function sequenceStart(key: number, request: GenerateRequest): Omit<StartSequence, 'adapters'> {
  const whole = (
    name: 'maxTokens' | 'minTokens' | 'topLogprobs' | 'promptLogprobs',
    least: number,
    most = Number.MAX_SAFE_INTEGER,
  ): number | null => {
    const value = request[name]
    if (value === undefined) return null
    if (Number.isInteger(value) && value >= least && value <= most) return value
    const to = most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`
    throw invalidSampling(name, value, `a whole number from ${least}${to}`)
  }
  return {
    key,
    prompt: request.prompt,
    maxTokens: whole('maxTokens', 1),
    minTokens: whole('minTokens', 0) ?? 0,
    sampling: resolveSampling(request.sampling),
    stop: atMost('stop', request.stop),
    stopTokens: request.stopTokens ?? [],
    topLogprobs: whole('topLogprobs', 0, maxLogprobs),
    promptLogprobs: whole('promptLogprobs', 0, maxLogprobs),
    logprobsAfterSampling: request.logprobsAfterSampling ?? false,
    ignoreEos: request.ignoreEos ?? false,
    grammar: request.grammar === undefined ? null : checkGrammar(request.grammar),
    thinking: request.thinking === undefined ? null : checkThinking(request.thinking),
    controlText: request.controlText ?? false,
    owner: request.owner ?? null,
    reusePrefix: request.reusePrefix ?? true,
    priority: request.priority ?? 0,
  }
}

function atMost(name: string, texts: readonly string[]): readonly string[] {
  if (texts.length > maxTexts)
    throw invalidSampling(name, `${texts.length} texts`, `at most ${maxTexts} texts`)
  return texts
}

/** The grammar itself is validated where the vocabulary is. */
function checkGrammar({ gbnf, after }: Grammar): Grammar {
  if (after === undefined) return { gbnf }
  if (after.length === 0 || after.includes(''))
    throw invalidSampling('grammar.after', JSON.stringify(after), 'texts that are not empty, one at least')
  return { gbnf, after: atMost('grammar.after', after) }
}

/** Longer than any real end of reasoning. */
const longestEnd = 4096

function checkThinking({ budget, start, end }: ThinkingLimit): ThinkingLimit {
  if (!Number.isInteger(budget) || budget < 0)
    throw invalidSampling('thinking.budget', budget, 'a whole number from 0')
  if (end === '' || end.length > longestEnd)
    throw invalidSampling(
      'thinking.end',
      JSON.stringify(end.slice(0, 40)),
      `a text of 1 to ${longestEnd} characters`,
    )
  return { budget, start, end }
}
