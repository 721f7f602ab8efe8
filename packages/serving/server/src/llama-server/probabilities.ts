/** Log-probabilities of tokens as llama-server writes them: of the model, or of what its samplers left. */

import type { GeneratedToken, TokenLogprob } from '@hadal/engine'
import type { NativeProbabilities, NativeTokenLogprob, NativeTokenProbability } from '@hadal/protocol'

/** Text with the tokens it is made of. */
export interface Written {
  readonly text: string
  readonly tokens: readonly number[]
  readonly logprobs: readonly GeneratedToken[]
}

/** One event for each token, as clients expect where each comes with its probabilities. */
export function tokenByToken({ text, tokens, logprobs }: Written): readonly Written[] {
  if (tokens.length < 2 || logprobs.length !== tokens.length) return [{ text, tokens, logprobs }]
  const texts = logprobs.map((token) => token.text)
  // Characters of several tokens, and what was held back, show with the last of them.
  const isWhole = texts.join('') === text
  return tokens.map((token, index) => ({
    text: isWhole ? texts[index]! : index === tokens.length - 1 ? text : '',
    tokens: [token],
    logprobs: [logprobs[index]!],
  }))
}

export function probabilitiesOf(
  tokens: readonly GeneratedToken[],
  afterSampling: boolean,
): NativeProbabilities {
  const logprob = ({ token: id, text: token, bytes, logprob }: TokenLogprob): NativeTokenLogprob => ({
    id,
    token,
    bytes,
    logprob,
  })
  const probability = ({ token: id, text: token, bytes, logprob }: TokenLogprob): NativeTokenProbability => ({
    id,
    token,
    bytes,
    prob: Math.exp(logprob),
  })
  if (!afterSampling)
    return tokens.map((token) => ({ ...logprob(token), top_logprobs: token.top.map(logprob) }))
  return tokens.map((token) => ({
    ...probability(token),
    top_probs: token.top.map(probability).filter(({ prob }) => prob > 0),
  }))
}
