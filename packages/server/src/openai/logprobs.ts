/** Log-probabilities as the two OpenAI APIs write them. A token that is no whole text is spelled by its bytes. */

import type { GeneratedToken, TokenLogprob } from '@hadal/engine'
import type { ChatLogprobs, ChatTokenLogprob, CompletionLogprobs } from '@hadal/protocol'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** `\xe2\x82` for the first two bytes of a euro sign. */
function spelled({ bytes, text }: TokenLogprob): string {
  if (!text.includes('\uFFFD')) return text
  try {
    return utf8.decode(Uint8Array.from(bytes))
  } catch {
    return bytes.map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
  }
}

const inChat = (token: TokenLogprob): ChatTokenLogprob => ({
  token: spelled(token),
  logprob: token.logprob,
  bytes: token.bytes,
})

export function chatLogprobs(tokens: readonly GeneratedToken[]): ChatLogprobs {
  return {
    content: tokens.map((token) => ({ ...inChat(token), top_logprobs: token.top.map(inChat) })),
    refusal: null,
  }
}

const inCompletion = (token: TokenLogprob): string => {
  const text = spelled(token)
  return text === token.text || !text.startsWith('\\x') ? text : `bytes:${text}`
}

const continuesCharacter = (byte: number): boolean => (byte & 0xc0) === 0x80

/** Writes the log-probabilities of one choice, piece by piece: offsets go on where the last piece ended. */
export function completionLogprobsWriter(): (tokens: readonly GeneratedToken[]) => CompletionLogprobs {
  let characters = 0
  return (tokens) => ({
    tokens: tokens.map(inCompletion),
    token_logprobs: tokens.map((token) => token.logprob),
    top_logprobs: tokens.map((token) =>
      Object.fromEntries(token.top.map((other) => [inCompletion(other), other.logprob])),
    ),
    text_offset: tokens.map(({ bytes }) => {
      const begunBefore = bytes.length > 0 && continuesCharacter(bytes[0]!) ? 1 : 0
      const offset = characters - begunBefore
      characters += bytes.filter((byte) => !continuesCharacter(byte)).length
      return offset
    }),
  })
}
