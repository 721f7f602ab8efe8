// Conversations of the nano recipe's data as windows in which the answers alone carry loss.

import { existsSync, readFileSync } from 'node:fs'
import {
  type ChatMessage,
  chatTokens,
  encodeChat,
  packExamples,
  type Tokenizer,
  type Windows,
} from '@hadal/nn'

/** Tokens of a window, as the model was trained. */
const windowLength = 256

/** The first `most` conversations of a file. */
export function chatWindows(path: string, tokenizer: Tokenizer, most: number): Windows {
  if (!existsSync(path))
    throw new Error(
      `${path} does not exist; make it with: npx tsx --conditions=@hadal/source recipes/nano/data/build.ts`,
    )
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(0, most)
  const chats = lines.map((line) => (JSON.parse(line) as { messages: readonly ChatMessage[] }).messages)
  const encoded = chats.map((chat) => encodeChat(chat, tokenizer))
  return packExamples(encoded, windowLength, tokenizer.special(chatTokens.endOfText))
}
