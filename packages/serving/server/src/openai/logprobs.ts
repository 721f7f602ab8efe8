/** Log probabilities in the formats of OpenAI's two APIs. Tokens that are not valid text are written as bytes. */

import type { GeneratedToken, PromptToken, TokenLogprob } from '@hadal/engine'
import type { ChatLogprobs, ChatTokenLogprob, CompletionLogprobs } from '@hadal/protocol'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** `\xe2\x82` for the first two bytes of a euro sign. */
function spelled({ bytes, text }: Pick<TokenLogprob, 'bytes' | 'text'>): string {
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

/** Log probabilities of the text and the reasoning before it. */
export function chatLogprobs(
  text: readonly GeneratedToken[],
  reasoning: readonly GeneratedToken[] = [],
): ChatLogprobs {
  const all = (tokens: readonly GeneratedToken[]) =>
    tokens.map((token) => ({ ...inChat(token), top_logprobs: token.top.map(inChat) }))
  return {
    content: all(text),
    ...(reasoning.length > 0 && { reasoning_content: all(reasoning) }),
    refusal: null,
  }
}

const inCompletion = (token: Omit<TokenLogprob, 'logprob'>): string => {
  const text = spelled(token)
  return text === token.text || !text.startsWith('\\x') ? text : `bytes:${text}`
}

const continuesCharacter = (byte: number): boolean => (byte & 0xc0) === 0x80

/** Number of continuation bytes that follow `byte`. */
function bytesToFollow(byte: number): number {
  if (byte >= 0xc2 && byte < 0xe0) return 1
  if (byte >= 0xe0 && byte < 0xf0) return 2
  return byte >= 0xf0 && byte < 0xf5 ? 3 : 0
}

/** Writes one choice's log probabilities chunk by chunk; offsets continue across chunks. */
export function completionLogprobsWriter(): (
  tokens: readonly (GeneratedToken | PromptToken)[],
) => CompletionLogprobs {
  let characters = 0
  // Missing bytes of the last character. An invalid byte counts as a character, because the text contains U+FFFD for it.
  let missingBytes = 0
  const goesOn = (byte: number): boolean => missingBytes > 0 && continuesCharacter(byte)
  const place = ({ bytes }: Pick<GeneratedToken, 'bytes'>): number => {
    const offset = bytes.length > 0 && goesOn(bytes[0]!) ? characters - 1 : characters
    for (const byte of bytes) {
      if (goesOn(byte)) missingBytes -= 1
      else [characters, missingBytes] = [characters + 1, bytesToFollow(byte)]
    }
    return offset
  }
  return (tokens) => ({
    tokens: tokens.map(inCompletion),
    token_logprobs: tokens.map((token) => token.logprob ?? null),
    top_logprobs: tokens.map((token) =>
      token.logprob === undefined
        ? null
        : Object.fromEntries(token.top.map((other) => [inCompletion(other), other.logprob])),
    ),
    text_offset: tokens.map(place),
  })
}
