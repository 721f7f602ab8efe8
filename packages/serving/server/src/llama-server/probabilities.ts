/** Log probabilities as llama-server formats them: of the model, or after sampling. */

import type { GeneratedToken, TokenLogprob } from '@hadal/engine'
import type { NativeProbabilities, NativeTokenLogprob, NativeTokenProbability } from '@hadal/protocol'

/** Text with its tokens. */
export interface Written {
  readonly text: string
  readonly tokens: readonly number[]
  readonly logprobs: readonly GeneratedToken[]
}

/** One event per token, as clients expect when each carries its probabilities. */
export function tokenByToken({ text, tokens, logprobs }: Written): readonly Written[] {
  if (tokens.length < 2 || logprobs.length !== tokens.length) return [{ text, tokens, logprobs }]
  const texts = logprobs.map((token) => token.text)
  // Characters that span several tokens, and held-back text, appear with the last token.
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
